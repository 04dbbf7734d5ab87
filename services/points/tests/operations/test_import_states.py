"""What each state of an import allows, whatever ends its worker, and what stays of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from points.imports import operations
from points.imports.errors import NotAsExpected, RowsRefused, WrongState
from points.imports.models import Import, ImportPiece, ImportRefusal, ImportRun
from shared.db import execute
from shared.errors import DomainError
from shared.testing.owner import as_owner
from shared.testing.proofs import contents, nothing_written
from tests.factories import AT, points_of, prove
from tests.import_factories import (
    HEAD,
    LATER,
    OPERATOR,
    committed,
    make_import,
    programme,
    small_chunks,
    state_of,
    validate,
    validated,
    work,
)
from tests.voucher_factories import refused

__all__ = ["programme", "small_chunks"]  # fixtures
pytestmark = pytest.mark.django_db


def refusals(import_id: Any, *moves: Any) -> Iterator[type[DomainError]]:
    for move in moves:
        with nothing_written(), refused(DomainError) as refusal:
            move(import_id)
        yield refusal.type


def commit(import_id: Any, **expected: Any) -> Any:
    return operations.commit_import(import_id, committed_by=OPERATOR, at=LATER, **expected)


def cancel(import_id: Any) -> Any:
    return operations.IMPORTS.cancel(import_id, at=LATER)


def upload(import_id: Any) -> Any:
    return operations.add_piece(import_id, offset=0, content=b"x")


def test_what_each_state_does_not_allow(member: Any) -> None:
    made = make_import(f"{HEAD}{member.id},5\n")
    assert list(refusals(made.id, commit)) == [WrongState]
    validate(made.id)
    assert validate(made.id).chunk == 1
    assert list(refusals(made.id, commit, upload)) == [WrongState, WrongState]
    work()
    assert list(refusals(made.id, upload)) == [WrongState]
    commit(made.id)
    assert list(refusals(made.id, commit, upload, validate)) == [WrongState] * 3
    work()
    assert list(refusals(made.id, commit, upload, validate, cancel)) == [WrongState] * 4


def test_a_commit_that_expects_something_else_is_refused(member: Any) -> None:
    run = validated(f"{HEAD}{member.id},5\nx,1\n")
    wrong: list[dict[str, Any]] = [{"rows": 2}, {"points": 6}, {"rows": 1, "points": 4}]

    for expected in wrong:
        with nothing_written(), refused(NotAsExpected):
            commit(run.imported_id, **expected)
    with nothing_written(), refused(RowsRefused) as refusal:
        commit(run.imported_id, rows=1, points=5)
    assert refusal.value.members == {"refused": 1}
    commit(run.imported_id, rows=1, points=5, without_refused=True)
    work()
    assert points_of(member.id) == (5, 0)


@pytest.mark.usefixtures("small_chunks")
def test_a_cancelled_commit_keeps_what_it_posted_and_another_import_posts_the_rest(member: Any) -> None:
    content = HEAD + "".join(f"{member.id},{points}\n" for points in range(1, 8))
    run = validated(content)
    commit(run.imported_id)
    step = Import.objects.get().chunk
    operations.IMPORTS.run_chunk(run.imported_id, chunk=step, at=LATER)

    assert cancel(run.imported_id).state == "cancelled"

    with nothing_written():
        cancel(run.imported_id)
        operations.IMPORTS.run_chunk(run.imported_id, chunk=step + 1, at=LATER)
    assert points_of(member.id) == (6, 0)
    assert state_of(committed(content)) == (7, 4, 3, 0)
    assert points_of(member.id) == (28, 0)
    prove()


class Killed(BaseException):
    """The process is gone."""


def killed_at(statement: int) -> Any:
    """Return a wrapper that ends the process instead of executing the so-maniest statement."""
    left = [statement]

    def wrapper(execute: Any, *arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return execute(*arguments)

    return connection.execute_wrapper(wrapper)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", ["validation", "commit"])
def test_a_worker_killed_before_any_statement_of_a_chunk_leaves_no_trace_of_it(member: Any, kind: str) -> None:
    content = HEAD + "".join(f"{member.id},{points}\n" for points in (1, 2, 2, 3, 4)) + "x,1\n"
    import_id = make_import(content).id
    (validate if kind == "validation" else ready_to_commit)(import_id)
    step, statement, before = Import.objects.get().chunk, 0, contents()

    while statement < 50:
        try:
            with killed_at(statement):
                operations.IMPORTS.run_chunk(import_id, chunk=step, at=LATER)
            break
        except Killed:
            assert contents() == before
            statement += 1

    assert 5 < statement < 50
    work()
    run = ImportRun.objects.get(kind=kind)
    assert (*state_of(run), run.earned) == (6, 5, 0, 1, 12)
    assert points_of(member.id) == ((12, 0) if kind == "commit" else (0, 0))


def ready_to_commit(import_id: Any) -> None:
    validate(import_id)
    work()
    commit(import_id, without_refused=True)


def test_files_are_purged_after_thirty_days_and_their_counts_stay(member: Any) -> None:
    run = committed(f"{HEAD}{member.id},5\nx,1\n")
    waiting = make_import("abc")

    assert operations.purge_imports(at=AT + timedelta(days=33)) == 0
    assert operations.purge_imports(at=AT + timedelta(days=34)) == 1

    assert not ImportRefusal.objects.exists()
    assert not ImportPiece.objects.filter(imported_id=run.imported_id).exists()
    assert ImportRun.objects.get(imported_id=run.imported_id, kind="commit").accepted == 1
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert operations.purge_imports(at=AT + timedelta(days=34)) == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points_import SET state = 'validated'",
        "UPDATE points_import SET bytes = bytes + 1",
        "UPDATE points_import SET finished_at = NULL, state = 'committing'",
        "DELETE FROM points_import",
        "TRUNCATE points_import CASCADE",
        "UPDATE points_import_run SET accepted = accepted + 1, earned_rows = earned_rows + 1, rows = rows + 1",
        "DELETE FROM points_import_run WHERE kind = 'commit'",
        "TRUNCATE points_import_run",
        "UPDATE points_import_piece SET content = 'x'",
    ],
)
def test_what_is_finished_cannot_be_changed_in_the_database(member: Any, change: str) -> None:
    committed(f"{HEAD}{member.id},5\n")

    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError):
        as_owner(change)
