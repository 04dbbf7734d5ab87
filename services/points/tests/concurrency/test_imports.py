"""Two workers with one chunk, two imports of one file, and a cancel in the middle of a chunk."""

from typing import Any

import pytest

from points.imports import operations
from points.imports.errors import OffsetMismatch
from points.imports.models import Import, ImportPiece, ImportRun
from points.ledger.models import Transaction
from shared.contracts.points import ImportRows
from shared.testing.messages import deliver
from shared.testing.proofs import race
from tests.factories import AT, make_programme, points_of, prove
from tests.import_factories import LATER, OPERATOR, make_import, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def content(member: Any, other_member: Any) -> str:
    make_programme()
    members = (member.id, other_member.id)
    return "Card,Points\n" + "".join(f"{members[number % 2]},{number % 7 + 1}\n" for number in range(60))


def ready(content: str) -> Import:
    made = make_import(content)
    operations.validate_import(made.id, at=AT)
    work()
    return operations.commit_import(made.id, committed_by=OPERATOR, at=LATER)


def test_a_chunk_that_many_workers_take_is_posted_once(content: str, member: Any) -> None:
    made = ready(content)

    race(6, lambda _: operations.IMPORTS.run_chunk(made.id, chunk=made.chunk, at=LATER))

    assert Transaction.objects.count() == ImportRun.objects.get(kind="commit").accepted == 60
    prove()


def test_two_imports_of_one_file_at_once_post_each_row_once(content: str) -> None:
    both = [ready(content), ready(content)]

    race(2, lambda number: deliver(ImportRows(import_id=both[number].id, step=both[number].chunk)))

    work()
    runs = ImportRun.objects.filter(kind="commit")
    assert Transaction.objects.count() == sum(run.accepted for run in runs) == 60
    assert [run.accepted + run.known for run in runs] == [60, 60]
    prove()


def test_a_cancel_and_a_chunk_at_once_end_in_one_order_or_the_other(content: str, member: Any) -> None:
    made = ready(content)

    def one(number: int) -> Any:
        if number:
            return operations.IMPORTS.cancel(made.id, at=LATER).state
        return operations.IMPORTS.run_chunk(made.id, chunk=made.chunk, at=LATER)

    race(2, one)

    made.refresh_from_db()
    posted = Transaction.objects.count()
    assert (made.state, posted) in {("done", 60), ("cancelled", 0)}
    assert posted == ImportRun.objects.get(kind="commit").accepted
    prove()


def test_the_same_piece_uploaded_by_many_at_once_is_kept_once(member: Any) -> None:
    make_programme()
    made = make_import("abc")

    results = race(
        8, lambda number: operations.add_piece(made.id, offset=3, content=b"def" if number % 2 else b"other")
    )

    assert ImportPiece.objects.count() == 2
    kept = bytes(ImportPiece.objects.get(start=3).content)
    assert sum(isinstance(one, Import) for one in results) == 4
    assert Import.objects.get().bytes == 3 + len(kept)
    assert not any(isinstance(one, OffsetMismatch) for one in results)
    assert points_of(member.id) == (0, 0)
