"""An import of expected totals posts the whole file or nothing: what was posted before a conflict is reversed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.expiry import operations as expiry
from points.imports import operations
from points.imports.errors import WrongState
from points.imports.models import ImportPosting, ImportReversed
from points.imports.operations import reading
from points.imports.rules.rows import first_key, key_after
from points.imports.rules.tallies import Tally
from points.ledger import operations as ledger
from points.ledger.models import Transaction
from points.ledger.queries import transaction as read_transaction
from shared.db import rows
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, points_of, prove, spend
from tests.operations.import_conflicts import (
    _UNTOLD,
    conflict_in,
    file_of,
    is_committing,
    ledger_now,
    programme,
    rehearsed,
    small_chunks,
)
from tests.operations.test_import_promises import (
    HEAD,
    NOW,
    _become,
    _before,
    _line,
    _lines,
    _prepare,
    commit,
    run_of,
    seen,
    work_at,
)
from tests.voucher_factories import refused

__all__ = ["programme", "small_chunks"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("small_chunks")
def test_what_was_posted_before_a_conflict_is_reversed(member: Any, other_member: Any) -> None:
    give(member.id, 50)
    give(other_member.id, 5)
    import_id = rehearsed(file_of(other_member, member))
    work_at(import_id, AT, chunks=2)
    assert [points_of(one.id) for one in (member, other_member)] == [(50, 0), (9, 0)]
    spend(member.id, 1)
    before = ledger_now()

    found = work_at(import_id, AT, chunks=1)

    assert (found.state, found.error["code"]) == ("reversing", "imports.not_as_expected")
    assert ledger_now() == before
    found = work_at(import_id, AT)
    assert found.state == "failed"
    assert {name: value for name, value in found.error.items() if isinstance(value, int)} == {
        "seen_rows": 6, "seen_points": -38, "posted_rows": 0, "posted_points": 0, "differs_from_row": 5,
    }  # fmt: skip
    assert [points_of(one.id) for one in (member, other_member)] == [(49, 0), (5, 0)]
    back = run_of(import_id, "reversal")
    assert (back.accepted, back.known, back.refused, Tally.of(back).points) == (4, 0, 0, 4)
    assert (back.finished_at, run_of(import_id, "commit").finished_at) != (None, None)
    assert rows(_UNTOLD) == []
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_the_same_file_is_new_again_as_often_as_it_was_reversed(member: Any, other_member: Any) -> None:
    content = file_of(other_member, member)
    for _ in range(3):
        give(member.id, 50)
        import_id = rehearsed(content)
        work_at(import_id, AT, chunks=1)
        spend(member.id, 50)
        assert work_at(import_id, AT).state == "failed"
        assert points_of(other_member.id) == (0, 0)
        prove()
    give(member.id, 50)
    run = seen(content)
    assert (run.accepted, run.known, run.refused) == (6, 0, 0)
    assert work_at(commit(run), AT).state == "done"
    assert [points_of(one.id) for one in (member, other_member)] == [(0, 0), (12, 0)]
    again = seen(content)
    assert (again.accepted, again.known) == (0, 6)
    assert not ImportPosting.objects.exists()
    assert set(ImportReversed.objects.values_list("times", flat=True)) == {3}
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_a_cancelled_commit_of_expected_totals_is_reversed(member: Any, other_member: Any) -> None:
    give(member.id, 50)
    before = ledger_now()
    import_id = rehearsed(file_of(other_member, member))
    work_at(import_id, AT, chunks=2)

    assert operations.IMPORTS.cancel(import_id, at=AT).state == "reversing"

    with nothing_written():
        assert operations.IMPORTS.cancel(import_id, at=AT).state == "reversing"
    found = work_at(import_id, AT)
    assert (found.state, found.error, ledger_now()) == ("cancelled", None, before)
    with nothing_written():
        operations.IMPORTS.run_chunk(import_id, chunk=found.chunk, at=AT)
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_a_failing_import_is_not_cancelled(member: Any, other_member: Any) -> None:
    give(member.id, 50)
    import_id = rehearsed(file_of(other_member, member))
    work_at(import_id, AT, chunks=1)
    conflict_in(import_id, 1)
    assert work_at(import_id, AT, chunks=1).state == "reversing"

    with nothing_written(), refused(WrongState):
        operations.IMPORTS.cancel(import_id, at=AT)


def test_a_key_is_found_again_however_often_its_row_was_reversed() -> None:
    for rest in ("key:again", "key:again1:x", "row:abc:1"):
        key = f"import:{new_id()}:{rest}"
        assert key_after(key, 0) == key
        assert len({key_after(key, times) for times in range(5)}) == 5
        assert {first_key(key_after(key, times)) for times in range(5)} == {key}


_chunks = st.integers(0, 4)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    before=_before, lines=_lines, pending_days=st.sampled_from([None, 2]), chunk=st.integers(1, 3), conflict=_chunks,
    expires=st.booleans(), is_cancelled=st.booleans(),
)  # fmt: skip
def test_after_a_conflict_in_any_chunk_the_ledger_is_as_before(
    before: Any, lines: Any, pending_days: Any, chunk: int, conflict: int, expires: bool, is_cancelled: bool
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "CHUNK", chunk)
        _become(None, pending_days)
        for one in before:
            try:
                with transaction.atomic():
                    _prepare(*one)
            except DomainError:
                continue
        content = HEAD + "".join(map(_line, lines))
        expiry.expire_all(at=NOW)  # what has ended before has, so that only the import's own points may end
        ledger.close_due_pending(at=NOW)
        ledger.expire_holds(at=NOW)
        _is_undone(content, conflict, is_cancelled, expiry.expire_all if expires else None)
        transaction.set_rollback(True)


def _is_undone(content: str, conflict: int, is_cancelled: bool, between: Callable[..., Any] | None) -> None:
    counted, was = Tally.of(run := seen(content, at=NOW)), ledger_now()
    import_id = commit(run, at=NOW)
    while not is_committing(import_id):
        work_at(import_id, NOW, chunks=1)
    if not conflict_in(import_id, conflict):
        return
    found = work_at(import_id, NOW, chunks=conflict)
    if between:
        between(at=NOW)
    if is_cancelled:
        operations.IMPORTS.cancel(import_id, at=NOW)

    found = work_at(import_id, NOW)

    assert found.state == ("cancelled" if is_cancelled else "failed")
    assert ledger_now() == was
    assert rows(_UNTOLD) == []
    prove()
    assert Tally.of(seen(content, at=NOW)) == counted


def test_the_statement_says_what_came_and_went(member: Any, other_member: Any, small_chunks: None) -> None:
    give(member.id, 50)
    import_id = rehearsed(file_of(other_member, member))
    work_at(import_id, AT, chunks=1)
    conflict_in(import_id, 1)

    assert work_at(import_id, AT).state == "failed"

    undone = Transaction.objects.filter(kind="reversed").order_by("id")
    assert [(one.reverses.points, one.reason) for one in undone] == [
        (2, f"import {import_id} reversed"), (1, f"import {import_id} reversed"),
    ]  # fmt: skip
    fact = read_transaction(undone[0].id)
    assert fact
    assert (fact.change, fact.balance_after) == (-2, 1)
