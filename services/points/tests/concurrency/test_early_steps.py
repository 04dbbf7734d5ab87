"""Chunks of imports and of expiry runs that begin before the ones before them have committed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Sum

from points.imports import operations as imports
from points.imports.models import Import, ImportChunk, ImportRun
from points.imports.operations import notes, reading
from points.imports.queries import refusals_of
from points.ledger import operations
from points.ledger.models import Account, Lot, Transaction
from points.ledger.operations import expiry_runs as runs
from shared import clock
from shared.contracts.points import ExpireLots, ImportRows
from shared.ids import new_id
from shared.messaging import steps
from shared.testing.messages import asked_for, do_in_a_turn
from shared.testing.proofs import race
from tests.expiry_factories import give_dead, progress, start
from tests.factories import AT, give, make_programme, points_of, prove, spend
from tests.import_factories import OPERATOR, make_import

pytestmark = pytest.mark.django_db(transaction=True)
MEMBERS = [f"00000000-0000-7000-8000-00000000000{number}" for number in range(1, 10)]


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 2)
    monkeypatch.setattr(runs, "CHUNK", 2)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=3))
    make_programme()


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What each step was told by the one before it."""
    found: list[Any] = []
    known = steps.known

    def note() -> Any:
        found.append(known())
        return found[-1]

    monkeypatch.setattr(steps, "known", note)
    return found


def ready(*lines: str, **expected: int) -> Import:
    """Make an import of rows that say member, points and kind; validate it, and ask for its commit."""
    content = "\n".join(["Card,Points,Kind", *lines])
    made = make_import(content, columns={"member_id": "Card", "points": "Points", "kind": "Kind"}, constants={})
    imports.validate_import(made.id, at=AT)
    finish(ImportRows)
    imports.commit_import(made.id, **expected, without_refused=True, committed_by=OPERATOR, at=AT)
    return made


def finish(contract: Any) -> None:
    """Do what is asked for until nothing is."""
    while asked := asked_for(contract):
        do_in_a_turn(contract, asked[0])


def counted() -> tuple[int, int, int]:
    run = ImportRun.objects.get(kind="commit")
    return run.rows, run.accepted, run.refused


def ended_once(lots: int, points: int) -> None:
    assert Transaction.objects.filter(kind="expired").count() == lots
    assert Account.objects.aggregate(total=Sum("expired"))["total"] == points
    assert not Lot.objects.filter(is_open=True).exists()
    prove()


def test_rows_of_one_member_are_posted_in_their_order(early: list[Any]) -> None:
    one = MEMBERS[0]
    spent = [line for n in range(1, 8) for line in (f"{one},{n},earn", f"{one},{n},redeem")]
    ready(f"{one},1,redeem", *spent, f"{one},1,redeem", f"{one},5,earn")

    finish(ImportRows)

    # Had one chunk been decided before another was posted, there were points to spend, or none.
    assert counted() == (17, 15, 2)
    assert [found.row for found in refusals_of(Import.objects.get().id)] == [1, 16]
    assert points_of(Account.objects.get().member_id) == (5, 0)
    assert sum(told is not None for told in early) >= 6
    assert Import.objects.get().state == "done"
    prove()


def test_an_early_chunk_keeps_its_promise(early: list[Any]) -> None:
    one = MEMBERS[0]
    ready(*(line for n in range(1, 8) for line in (f"{one},{n},earn", f"{one},{n},redeem")), rows=14)

    finish(ImportRows)

    assert counted() == (14, 14, 0)
    assert sum(told is not None for told in early) >= 4
    assert not ImportChunk.objects.exists()
    prove()


def test_an_early_chunk_that_cannot_keep_it_is_not_posted_nor_any_after_it() -> None:
    other = UUID(MEMBERS[8])
    give(other, 5)
    earned = [f"{member},10,earn" for member in MEMBERS[:8]]
    ready(*earned[:5], f"{other},5,redeem", *earned[5:], rows=9)
    do_in_a_turn(ImportRows, asked_for(ImportRows)[0])
    spend(other, 1)

    finish(ImportRows)

    assert counted() == (4, 4, 0)
    assert Transaction.objects.filter(source_key__startswith="import:").count() == 4
    found = Import.objects.get()
    assert found.error is not None
    names = ("posted_rows", "posted_points", "not_posted_from_row")
    assert (found.state, *(found.error[name] for name in names)) == ("failed", 4, 40, 5)
    assert points_of(other) == (4, 0)
    prove()


def test_a_chunk_that_fails_at_its_end_takes_the_early_one_with_it(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    ready(*(f"{member},10,earn" for member in MEMBERS))
    write, failed = notes.write_refusals, []

    def fail_once(*given: Any, first: int) -> None:
        if first == 3 and not failed:
            failed.append(first)
            raise MemoryError
        write(*given, first=first)

    monkeypatch.setattr(notes, "write_refusals", fail_once)
    do_in_a_turn(ImportRows, asked_for(ImportRows)[0])
    assert counted() == (2, 2, 0)
    assert Transaction.objects.count() == 2
    assert caplog.text.count("Traceback") == 1

    finish(ImportRows)
    assert counted() == (9, 9, 0)
    assert Transaction.objects.count() == 9
    prove()


def cancel_before_turn(monkeypatch: pytest.MonkeyPatch, cancel: Callable[[], Any]) -> None:
    """Let somebody cancel after a chunk has committed, and before the early one after it is in turn."""
    wait, turns = steps.wait_for_the_one_before, []

    def wait_and_be_cancelled() -> None:
        wait()
        turns.append(1)
        if len(turns) == 1:
            [cancelled] = race(1, lambda _: cancel())
            assert cancelled.state == "cancelled"

    monkeypatch.setattr(steps, "wait_for_the_one_before", wait_and_be_cancelled)


def test_an_import_that_is_cancelled_keeps_nothing_of_the_early_chunk(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    made = ready(*(f"{member},10,earn" for member in MEMBERS))
    cancel_before_turn(monkeypatch, lambda: imports.cancel_import(made.id, at=AT))

    do_in_a_turn(ImportRows, asked_for(ImportRows)[0])

    assert Import.objects.get().state == "cancelled"
    assert counted() == (4, 4, 0)
    assert Transaction.objects.count() == 4
    assert "ERROR" not in caplog.text
    finish(ImportRows)
    assert (counted(), Transaction.objects.count()) == ((4, 4, 0), 4)
    prove()


def test_lots_of_one_member_in_all_chunks_end_once(early: list[Any]) -> None:
    member = new_id()
    for number in range(1, 12):
        give(member, number, expires_at=AT + timedelta(days=2, minutes=number))
    run = start()

    finish(ExpireLots)

    assert progress(run) == ("done", 11, 11, 66)
    assert sum(told is not None for told in early) >= 3
    ended_once(11, 66)


def test_lots_that_end_at_one_instant_are_each_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 10):
        give(new_id(), number, expires_at=AT + timedelta(days=2))
    seen: list[Any] = []
    lots_due = runs.queries.lots_due

    def note(**how: Any) -> Any:
        found = lots_due(**how)
        seen.extend(lot.id for lot in found)
        return found

    monkeypatch.setattr(runs.queries, "lots_due", note)
    run = start()
    finish(ExpireLots)

    assert progress(run) == ("done", 9, 9, 45)
    assert len(seen) == len(set(seen)) == 9
    ended_once(9, 45)


def test_a_run_that_is_cancelled_keeps_nothing_of_the_early_chunk(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    give_dead(*range(1, 10))
    run = start()
    cancel_before_turn(monkeypatch, lambda: operations.cancel_expiry_run(run.id, at=clock.now()))

    finish(ExpireLots)

    assert progress(run) == ("cancelled", 4, 9, 10)
    assert Transaction.objects.filter(kind="expired").count() == 4
    assert "ERROR" not in caplog.text
    prove()


def test_an_early_chunk_leaves_its_lots_to_who_has_the_right_to_expire_meanwhile(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    give_dead(*range(1, 10))
    run = start()
    with_right: list[Any] = []

    def refuse_once() -> bool:
        with_right.append(1)
        return len(with_right) > 1 and try_expiry_job()

    try_expiry_job = runs.try_expiry_job
    monkeypatch.setattr(runs, "try_expiry_job", refuse_once)
    do_in_a_turn(ExpireLots, asked_for(ExpireLots)[0])
    assert progress(run) == ("running", 4, 9, 10)
    assert "ERROR" not in caplog.text

    finish(ExpireLots)
    assert progress(run) == ("done", 9, 9, 45)
    ended_once(9, 45)


def test_two_runs_with_early_chunks_end_all_lots_once() -> None:
    give_dead(*range(1, 21))
    first, second = start(), start()
    asked = asked_for(ExpireLots)

    race(2, lambda number: do_in_a_turn(ExpireLots, asked[number]))
    finish(ExpireLots)

    assert (progress(first)[0], progress(second)[0]) == ("done", "done")
    assert (first.done + second.done, first.points + second.points) == (20, 210)
    ended_once(20, 210)
