"""Workers with one chunk, runs and the command beside each other, and a cancel in the middle of a chunk."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum

from points.expiry import operations
from points.expiry.errors import ExpiryRunFinished
from points.expiry.models import ExpiryRun
from points.expiry.operations import expiry_runs as runs
from points.expiry.tasks import expire_points
from points.ledger.models import Account, Lot, Transaction
from shared.contracts.points import ExpireLots
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.expiry_factories import NOW, give_dead, progress, start, work
from tests.factories import make_programme, prove

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(seconds=4)


@pytest.fixture(autouse=True)
def twenty_dead_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 3)
    make_programme()
    give_dead(*range(1, 21))


def chunks_of(run: ExpiryRun) -> None:
    for chunk in range(7):
        operations.EXPIRY_RUNS.run_chunk(run.id, chunk=chunk, at=LATER)


def in_turn(*works: Callable[[], Any]) -> list[Any]:
    return race(len(works), lambda number: works[number]())


def all_ended_once() -> None:
    assert Transaction.objects.filter(kind="expired").count() == 20
    assert Account.objects.aggregate(total=Sum("expired"))["total"] == 210
    prove()


def test_a_chunk_that_many_workers_take_is_done_once() -> None:
    run = start()

    race(6, lambda _: operations.EXPIRY_RUNS.run_chunk(run.id, chunk=0, at=LATER))

    assert progress(run) == ("running", 3, 20, 6)
    assert [said.chunk for said in published(ExpireLots)] == [0, 1]
    prove()


def test_two_runs_at_once_share_what_is_due() -> None:
    first, second = start(), start()

    assert in_turn(lambda: chunks_of(first), lambda: chunks_of(second)) == [None, None]
    work()

    assert (progress(first)[0], progress(second)[0]) == ("done", "done")
    assert (first.done + second.done, first.points + second.points) == (20, 210)
    all_ended_once()


def test_the_command_beside_a_run_waits_for_its_turn_and_leaves_nothing() -> None:
    run = start()

    ended = in_turn(
        lambda: chunks_of(run),
        lambda: (operations.expire_all(at=LATER, limit=1, waits=True), Lot.objects.filter(is_open=True).count()),
    )

    (lots, points), left = ended[1]
    work()
    assert left == 0
    assert progress(run) == ("done", 20 - lots, 20, 210 - points)
    all_ended_once()


def test_the_periodic_job_beside_a_run_ends_nothing_twice() -> None:
    run = start()

    ended = in_turn(lambda: chunks_of(run), expire_points)
    work()

    assert progress(run)[0] == "done"
    periodic = sum(one.points for one in ExpiryRun.objects.filter(requested_by=None))
    assert run.points + ended[1]["points"] + periodic == 210
    all_ended_once()


def test_a_cancel_and_a_chunk_at_once_end_in_one_order_or_the_other() -> None:
    run = start()
    operations.EXPIRY_RUNS.run_chunk(run.id, chunk=0, at=LATER)

    in_turn(
        lambda: operations.EXPIRY_RUNS.run_chunk(run.id, chunk=1, at=LATER),
        lambda: operations.EXPIRY_RUNS.cancel(run.id, at=LATER),
    )
    work()

    assert progress(run) in [("cancelled", 3, 20, 6), ("cancelled", 6, 20, 21)]
    assert Transaction.objects.filter(kind="expired").count() == run.done
    prove()


def test_a_cancel_and_the_last_chunk_at_once_agree_on_how_the_run_ended() -> None:
    run = start()
    for chunk in range(6):
        operations.EXPIRY_RUNS.run_chunk(run.id, chunk=chunk, at=LATER)

    _, cancelled = in_turn(
        lambda: operations.EXPIRY_RUNS.run_chunk(run.id, chunk=6, at=LATER),
        lambda: operations.EXPIRY_RUNS.cancel(run.id, at=LATER),
    )

    found = progress(run)
    assert found in [("cancelled", 18, 20, 171), ("done", 20, 20, 210)]
    assert isinstance(cancelled, ExpiryRunFinished) == (found[0] == "done")
    prove()
