"""Chunks of imports and of expiry runs that begin before their predecessors have committed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Sum

from points.expiry import operations
from points.expiry.operations import expiry_runs as runs
from points.imports import operations as imports
from points.imports.models import Import, ImportChunk, ImportRun
from points.imports.operations import notes, reading
from points.imports.queries import refusals_of
from points.ledger.models import Account, Lot, Transaction
from shared import clock
from shared.contracts.points import ExpireLots, ImportRows
from shared.ids import new_id
from shared.jobs.overlap import Chunk, Overlap
from shared.jobs.runner import Job
from shared.testing.messages import deliver, do_in_a_slice, enqueued, envelope_of
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
def overlapping(monkeypatch: pytest.MonkeyPatch) -> list[Chunk]:
    """The chunks that began before their predecessors had committed."""
    found: list[Chunk] = []
    begin = Overlap.begin

    def note(overlap: Overlap, chunk: Chunk) -> None:
        found.append(chunk)
        begin(overlap, chunk)

    monkeypatch.setattr(Overlap, "begin", note)
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
    while asked := enqueued(contract):
        do_in_a_slice(contract, asked[0])


def rehearse() -> None:
    """Do the chunks of a rehearsal, and none of the commit after it."""
    while not ImportRun.objects.filter(kind="commit"):
        [asked] = enqueued(ImportRows)
        deliver(envelope_of(ImportRows.read(asked.payload), message_id=asked.message_id))


def counted() -> tuple[int, int, int]:
    run = ImportRun.objects.get(kind="commit")
    return run.rows, run.accepted, run.refused


def ended_once(lots: int, points: int) -> None:
    assert Transaction.objects.filter(kind="expired").count() == lots
    assert Account.objects.aggregate(total=Sum("expired"))["total"] == points
    assert not Lot.objects.filter(is_open=True).exists()
    prove()


def test_rows_of_one_member_are_posted_in_their_order(overlapping: list[Chunk]) -> None:
    one = MEMBERS[0]
    spent = [line for n in range(1, 8) for line in (f"{one},{n},earn", f"{one},{n},redeem")]
    ready(f"{one},1,redeem", *spent, f"{one},1,redeem", f"{one},5,earn")

    finish(ImportRows)

    # Had one chunk been decided before another was posted, there were points to spend, or none.
    assert counted() == (17, 15, 2)
    assert [found.row for found in refusals_of(Import.objects.get().id)] == [1, 16]
    assert points_of(Account.objects.get().member_id) == (5, 0)
    assert len(overlapping) >= 6
    assert Import.objects.get().state == "done"
    prove()


def test_an_overlapping_chunk_keeps_its_promise(overlapping: list[Chunk]) -> None:
    one = MEMBERS[0]
    ready(*(line for n in range(1, 8) for line in (f"{one},{n},earn", f"{one},{n},redeem")), rows=14)

    finish(ImportRows)

    assert counted() == (14, 14, 0)
    assert len(overlapping) >= 4
    assert not ImportChunk.objects.exists()
    prove()


def test_an_overlapping_chunk_that_cannot_keep_it_is_not_posted_and_its_predecessors_are_reversed() -> None:
    other = UUID(MEMBERS[8])
    give(other, 5)
    earned = [f"{member},10,earn" for member in MEMBERS[:8]]
    ready(*earned[:5], f"{other},5,redeem", *earned[5:], rows=9)
    rehearse()
    spend(other, 1)

    finish(ImportRows)

    assert counted() == (4, 4, 0)
    assert Transaction.objects.filter(source_key__startswith="import:").count() == 4
    assert Transaction.objects.filter(kind="reversed").count() == 4
    found = Import.objects.get()
    assert found.error is not None
    names = ("posted_rows", "posted_points", "differs_from_row")
    assert (found.state, *(found.error[name] for name in names)) == ("failed", 0, 0, 5)
    assert [points_of(UUID(one)) for one in MEMBERS[:9]] == [(0, 0)] * 8 + [(4, 0)]
    prove()


def test_a_chunk_that_fails_at_its_end_takes_its_successor_with_it(
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
    do_in_a_slice(ImportRows, enqueued(ImportRows)[0])
    assert counted() == (2, 2, 0)
    assert Transaction.objects.count() == 2
    assert caplog.text.count("Traceback") == 1

    finish(ImportRows)
    assert counted() == (9, 9, 0)
    assert Transaction.objects.count() == 9
    prove()


def cancel_before_take_over(monkeypatch: pytest.MonkeyPatch, cancel: Callable[[], Any]) -> None:
    """Let somebody cancel after a chunk has committed, and before its successor, which has begun, locks the job."""
    claimed, cancellations = Job._claimed, []

    def claimed_too_late(job: Job[Any], *given: Any, waits: bool) -> Any:
        if not waits and not cancellations:
            cancellations.extend(race(1, lambda _: cancel()))
            assert cancellations[0].state == "cancelled"
        return claimed(job, *given, waits=waits)

    monkeypatch.setattr(Job, "_claimed", claimed_too_late)


def test_an_import_that_is_cancelled_keeps_nothing_of_the_overlapping_chunk(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    made = ready(*(f"{member},10,earn" for member in MEMBERS))
    cancel_before_take_over(monkeypatch, lambda: imports.IMPORTS.cancel(made.id, at=AT))

    do_in_a_slice(ImportRows, enqueued(ImportRows)[0])

    assert Import.objects.get().state == "cancelled"
    assert counted() == (4, 4, 0)
    assert Transaction.objects.count() == 4
    assert "ERROR" not in caplog.text
    finish(ImportRows)
    assert (counted(), Transaction.objects.count()) == ((4, 4, 0), 4)
    prove()


def test_lots_of_one_member_in_all_chunks_end_once(overlapping: list[Chunk]) -> None:
    member = new_id()
    for number in range(1, 12):
        give(member, number, expires_at=AT + timedelta(days=2, minutes=number))
    run = start()

    finish(ExpireLots)

    assert progress(run) == ("done", 11, 11, 66)
    assert len(overlapping) >= 3
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


def test_a_run_that_is_cancelled_keeps_nothing_of_the_overlapping_chunk(
    monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    give_dead(*range(1, 10))
    run = start()
    cancel_before_take_over(monkeypatch, lambda: operations.EXPIRY_RUNS.cancel(run.id, at=clock.now()))

    finish(ExpireLots)

    assert progress(run) == ("cancelled", 4, 9, 10)
    assert Transaction.objects.filter(kind="expired").count() == 4
    assert "ERROR" not in caplog.text
    prove()


def test_an_overlapping_chunk_leaves_its_lots_to_who_has_the_right_to_expire_meanwhile(
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
    do_in_a_slice(ExpireLots, enqueued(ExpireLots)[0])
    assert progress(run) == ("running", 4, 9, 10)
    assert "ERROR" not in caplog.text

    finish(ExpireLots)
    assert progress(run) == ("done", 9, 9, 45)
    ended_once(9, 45)


def test_two_runs_with_overlapping_chunks_end_all_lots_once() -> None:
    give_dead(*range(1, 21))
    first, second = start(), start()
    asked = enqueued(ExpireLots)

    race(2, lambda number: do_in_a_slice(ExpireLots, asked[number]))
    finish(ExpireLots)

    assert (progress(first)[0], progress(second)[0]) == ("done", "done")
    assert (first.done + second.done, first.points + second.points) == (20, 210)
    ended_once(20, 210)
