"""An import of expected totals posts the whole file or nothing: what was posted before a conflict is reversed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.expiry import operations as expiry
from points.imports import operations
from points.imports.errors import WrongState
from points.imports.models import Import, ImportChunk, ImportPosting, ImportReversed, ImportRun
from points.imports.operations import reading
from points.imports.rules.rows import first_key, key_after
from points.imports.rules.tallies import Tally
from points.ledger import operations as ledger
from points.ledger.models import Account, Lot, Transaction
from points.ledger.queries import transaction as read_transaction
from points.ledger.rules.values import BUCKETS
from shared.db import rows
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, make_programme, points_of, prove, register, spend, take_back
from tests.import_factories import OPERATOR
from tests.operations.test_import_promises import (
    DAY,
    HEAD,
    NOW,
    _become,
    _before,
    _line,
    _lines,
    _prepare,
    commit,
    row,
    run_of,
    seen,
    work_at,
)
from tests.voucher_factories import refused

pytestmark = pytest.mark.django_db
_UNTOLD = """
SELECT a.member_id, a.available + a.held - coalesce(sum((m.payload->>'change')::bigint), 0) FROM account a
LEFT JOIN published_message m ON starts_with(m.name, 'points_') AND m.payload->>'member_id' = a.member_id::text
GROUP BY a.id HAVING a.available + a.held <> coalesce(sum((m.payload->>'change')::bigint), 0)
"""


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme(lot_days=180)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 2)


def ledger_now() -> dict[Any, Any]:
    """Return what every account has, in each bucket, and what is left of each lot."""
    accounts = {one.member_id: tuple(getattr(one, name) for name in BUCKETS) for one in Account.objects.all()}
    lots = dict(Lot.objects.filter(remaining__gt=0).values_list("id", "remaining"))
    return {who: has for who, has in accounts.items() if any(has)} | lots


def rehearsed(content: str, *, at: Any = AT, **how: Any) -> UUID:
    """Ask for a commit of what a validation saw, and rehearse it: what follows is posted."""
    import_id = commit(seen(content, at=at, **how), at=at)
    while not is_committing(import_id):
        work_at(import_id, at, chunks=1)
    return import_id


def is_committing(import_id: UUID) -> bool:
    return ImportRun.objects.filter(imported_id=import_id, kind="commit").exists()


def conflict_in(import_id: UUID, chunk: int) -> bool:
    """Let a chunk, counted from zero, come to something else than was rehearsed; False where there is none such."""
    found = list(ImportChunk.objects.filter(imported_id=import_id).order_by("start"))
    if chunk >= len(found):
        return False
    totals = found[chunk].totals
    ImportChunk.objects.filter(imported_id=import_id, start=found[chunk].start).update(
        totals=totals | {"rows": totals["rows"] + 1}
    )
    return True


def file_of(other: Any, member: Any) -> str:
    lines = [row(other.id, "earn", 1), row(other.id, "earn", 2), row(other.id, "earn", 4), row(other.id, "redeem", 3)]
    return HEAD + "".join([*lines, row(other.id, "earn", 8), row(member.id, "redeem", 50)])


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
def test_what_a_member_spent_meanwhile_is_owed_until_the_file_comes_again(member: Any, other_member: Any) -> None:
    give(member.id, 50)
    content = file_of(other_member, member)
    import_id = rehearsed(content)
    work_at(import_id, AT, chunks=2)
    spend(other_member.id, 4)
    spend(member.id, 1)

    assert work_at(import_id, AT).state == "failed"

    assert points_of(other_member.id) == (0, -4)
    prove()
    give(member.id, 1)
    assert work_at(commit(seen(content)), AT).state == "done"
    assert points_of(other_member.id) == (8, 0)
    assert rows(_UNTOLD) == []
    prove()


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("ends", ["before", "after"])
def test_nobody_owes_points_that_had_ended(member: Any, other_member: Any, ends: str) -> None:
    give(other_member.id, 5)
    lines = [row(member.id, "earn", 100, days_ago=200), row(member.id, "earn", 7, ends=AT - DAY)]
    lines += [row(member.id, "earn", 9), row(member.id, "redeem", 4), row(other_member.id, "redeem", 5)]
    before = ledger_now()
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=2)
    if ends == "before":
        assert expiry.expire_all(at=AT)[1] == 107
    conflict_in(import_id, 2)

    assert work_at(import_id, AT).state == "failed"

    assert ledger_now() == before
    assert (expiry.expire_all(at=AT)[1], points_of(member.id)) == (0, (0, 0))
    assert rows(_UNTOLD) == []
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_points_of_a_member_who_was_merged_meanwhile_are_taken_from_the_current_member(
    member: Any, other_member: Any
) -> None:
    register(third := new_id())
    give(member.id, 10)
    give(other_member.id, 3)
    lines = [row(member.id, "earn", 30), row(member.id, "redeem", 20), row(third, "earn", 1)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    whose = {"from_member_id": member.id, "into_member_id": other_member.id}
    ledger.merge_members(**whose, reason="r", actor_id=OPERATOR, void_holds=True, at=AT)
    conflict_in(import_id, 1)

    assert work_at(import_id, AT).state == "failed"

    assert [points_of(one) for one in (member.id, other_member.id, third)] == [(0, 0), (13, 0), (0, 0)]
    assert run_of(import_id, "reversal").accepted == 2
    assert rows(_UNTOLD) == []
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_what_came_to_nothing_before_is_left_alone(member: Any, other_member: Any) -> None:
    register(third := new_id())
    _become(None, 5)
    lines = [row(member.id, "earn", 30), row(other_member.id, "earn", 20), row(third, "earn", 1)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    cancelled, reversed_by_hand = Transaction.objects.order_by("id")
    ledger.cancel_pending(cancelled.id, reason="r", actor_id=OPERATOR, at=AT)
    ledger.reverse_transaction(reversed_by_hand.id, reason="r", actor_id=OPERATOR, at=AT)
    conflict_in(import_id, 1)

    found = work_at(import_id, AT)

    back = run_of(import_id, "reversal")
    assert (found.state, found.error["posted_rows"], back.known, back.accepted) == ("failed", 0, 2, 0)
    assert ledger_now() == {}
    assert seen(HEAD + "".join(lines)).accepted == 3
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_a_row_that_paid_for_a_purchase_stays_and_is_named(member: Any, other_member: Any) -> None:
    give(member.id, 50)
    lines = [row(member.id, "redeem", 30), row(member.id, "earn", 5), row(other_member.id, "earn", 1)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    paid = Transaction.objects.get(kind="redeemed")
    buy(member.id, {"book": (1, 3000)}, redemption_ids=(paid.id,), money_amount=0)
    conflict_in(import_id, 1)

    found = work_at(import_id, AT)

    assert found.state == "failed"
    assert (found.error["posted_rows"], found.error["posted_points"]) == (1, -30)
    assert found.error["not_reversed"] == [str(paid.id)]
    back = run_of(import_id, "reversal")
    assert (back.accepted, back.refused, back.refused_by_code) == (1, 1, {"points.pays_purchase": 1})
    assert points_of(member.id) == (20, 0)
    assert seen(HEAD + "".join(lines)).known == 1
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


def test_debts_that_rows_paid_are_owed_again(member: Any, other_member: Any, small_chunks: None) -> None:
    bought = buy(member.id, {"book": (1, 5000)})
    spend(member.id, 50)
    take_back(bought)
    before = ledger_now()
    lines = [row(member.id, "earn", 30), row(member.id, "earn", 25), row(member.id, "redeem", 5)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    assert points_of(member.id) == (5, 0)
    conflict_in(import_id, 1)

    assert work_at(import_id, AT).state == "failed"

    assert (points_of(member.id), ledger_now()) == ((0, -50), before)
    assert Import.objects.get(id=import_id).error["posted_rows"] == 0
    prove()
