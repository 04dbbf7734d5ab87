from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from points.expiry import errors, operations
from points.expiry.models import ExpiryRun
from points.expiry.operations import expiry_runs as runs
from points.expiry.tasks import expire_points
from points.ledger.models import Lot, Transaction
from points.ledger.rules.postings import LARGEST_BALANCE
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import default_programme
from shared.contracts.points import ExpireLots, PointsExpired
from shared.db import execute
from shared.ids import new_id
from shared.jobs.progress import pace
from shared.testing.messages import published
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from tests.expiry_factories import NOW, OPERATOR, give_dead, progress, start, work
from tests.factories import AT, UNKNOWN_ID, give, make_programme, prove, spend
from tests.voucher_factories import refused

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=4)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 2)
    make_programme()


def test_a_run_is_only_asked_for_at_first() -> None:
    give_dead(1, 2, 3)

    run = start()

    assert progress(run) == ("queued", 0, 3, 0)
    assert (run.as_of, run.programme_id, run.requested_by) == (NOW, None, OPERATOR)
    assert published(ExpireLots) == [ExpireLots(run_id=run.id, chunk=0)]
    assert not Transaction.objects.filter(kind="expired").exists()


def test_chunk_follows_chunk_until_nothing_is_due() -> None:
    give_dead(1, 2, 3, 4, 5)
    run = start()

    seen = []
    for chunk in range(3):
        operations.EXPIRY_RUNS.run_chunk(run.id, chunk=chunk, at=LATER)
        seen.append(progress(run))

    assert seen == [("running", 2, 5, 3), ("running", 4, 5, 10), ("done", 5, 5, 15)]
    assert [said.chunk for said in published(ExpireLots)] == [0, 1, 2]
    assert [said.points for said in published(PointsExpired)] == [1, 2, 3, 4, 5]
    # The last chunk takes its time too.
    assert run.started_at == LATER
    assert LATER < run.finished_at < LATER + timedelta(minutes=5)
    prove()


def test_a_run_with_nothing_to_do_is_done_at_once() -> None:
    run = start()

    assert work() == 1
    assert progress(run) == ("done", 0, 0, 0)


def test_a_run_of_whole_chunks_looks_once_more() -> None:
    give_dead(1, 2, 3, 4)
    run = start()

    assert work() == 3
    assert progress(run) == ("done", 4, 4, 10)


def test_a_chunk_that_was_done_is_not_done_again() -> None:
    give_dead(1, 2, 3, 4, 5)
    run = start()
    operations.EXPIRY_RUNS.run_chunk(run.id, chunk=0, at=LATER)

    for chunk in (0, 2, 99):
        with nothing_written():
            operations.EXPIRY_RUNS.run_chunk(run.id, chunk=chunk, at=LATER)
    with nothing_written():
        operations.EXPIRY_RUNS.run_chunk(UNKNOWN_ID, chunk=0, at=LATER)


def test_what_ends_is_written_as_by_the_command() -> None:
    give_dead(7)
    run = start()
    operations.EXPIRY_RUNS.run_chunk(run.id, chunk=0, at=LATER)
    give_dead(7)
    operations.expire_all(at=LATER)

    lots = Lot.objects.order_by("id")
    facts = ("points", "change", "balance_after", "reference", "reason", "occurred_at", "posted_at", "version")
    assert list(Transaction.objects.filter(kind="expired").order_by("reference").values_list(*facts)) == [
        (7, -7, 0, f"lot:{lot.id}", "expired", lot.expires_at, LATER, 4) for lot in lots
    ]


def test_only_what_had_ended_by_then_expires() -> None:
    give_dead(1, 2, 3)
    end = AT + timedelta(days=2, minutes=1)

    run = start(as_of=end)
    work()

    assert progress(run) == ("done", 2, 2, 3)
    assert [lot.points for lot in Lot.objects.filter(is_open=True)] == [3]


def test_points_that_are_alive_never_die_early() -> None:
    give(new_id(), 9, expires_at=NOW + timedelta(microseconds=1))

    with refused(errors.ExpiryInFuture) as refusal:
        start(as_of=NOW + timedelta(microseconds=1))
    assert set(refusal.value.members) == {"as_of", "now"}
    run = start()
    work()

    assert progress(run) == ("done", 0, 0, 0)


def test_a_run_of_one_programme_leaves_the_others_alone() -> None:
    other = make_programme(name="Arcade")
    give_dead(1, 2, 3)
    give_dead(10, 20, 30, programme_id=other.id)

    run = start(programme_id=other.id)
    work()

    assert progress(run) == ("done", 3, 3, 60)
    assert sorted(lot.points for lot in Lot.objects.filter(is_open=True)) == [1, 2, 3]
    with refused(ProgrammeNotFound):
        start(programme_id=UNKNOWN_ID)


def test_what_others_end_meanwhile_is_not_counted() -> None:
    give_dead(1, 2, 3, 4, 5)
    first, second = start(), start()
    operations.EXPIRY_RUNS.run_chunk(first.id, chunk=0, at=LATER)

    assert operations.expire_all(at=LATER, limit=1, batches=1) == (1, 3)
    work()

    assert progress(first)[1] + progress(second)[1] == 4
    assert progress(first)[3] + progress(second)[3] == 12
    assert {first.state, second.state} == {"done"}
    prove()


def test_points_spent_before_their_end_are_not_expired() -> None:
    me, _ = give_dead(10, 20)
    run = start()
    spend(me, 4, at=AT)

    work()

    assert progress(run) == ("done", 2, 2, 26)
    prove()


def test_a_cancelled_run_keeps_what_has_expired() -> None:
    give_dead(1, 2, 3, 4, 5)
    run = start()
    operations.EXPIRY_RUNS.run_chunk(run.id, chunk=0, at=LATER)

    operations.EXPIRY_RUNS.cancel(run.id, at=LATER)
    with nothing_written():
        operations.EXPIRY_RUNS.run_chunk(run.id, chunk=1, at=LATER)
        again = operations.EXPIRY_RUNS.cancel(run.id, at=LATER + timedelta(hours=1))

    assert progress(run) == ("cancelled", 2, 5, 3)
    assert (again.state, again.finished_at) == ("cancelled", LATER)
    assert Lot.objects.filter(is_open=True).count() == 3
    # The rest is dead all the same, and ends when somebody comes by.
    assert operations.expire_all(at=LATER) == (3, 12)
    prove()


def test_a_run_that_is_over_cannot_be_cancelled() -> None:
    run = start()
    work()

    with refused(errors.ExpiryRunFinished) as refusal:
        operations.EXPIRY_RUNS.cancel(run.id, at=LATER)
    assert refusal.value.members == {"state": "done"}
    with refused(errors.ExpiryRunNotFound):
        operations.EXPIRY_RUNS.cancel(UNKNOWN_ID, at=LATER)


def test_a_run_that_would_never_get_ahead_fails() -> None:
    # A ledger that is spoilt: nothing can be posted to accounts that are beyond what it counts.
    give_dead(1, 2)
    run = start()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    as_owner("ALTER TABLE account DISABLE TRIGGER USER")
    as_owner("UPDATE account SET issued = issued - %s, adjusted = adjusted + %s", [LARGEST_BALANCE, LARGEST_BALANCE])
    as_owner("ALTER TABLE account ENABLE TRIGGER USER")

    assert work() == 1

    assert progress(run) == ("failed", 0, 2, 0)
    assert run.error == "points.balance_too_large"
    assert run.finished_at > run.started_at
    with refused(errors.ExpiryRunFinished):
        operations.EXPIRY_RUNS.cancel(run.id, at=LATER)


def test_the_periodic_job_does_a_small_rest_by_itself() -> None:
    give_dead(5)

    assert expire_points() == {"lots": 1, "points": 5}

    assert not ExpiryRun.objects.exists()


def test_the_periodic_job_lets_a_run_do_what_is_more_than_one_batch() -> None:
    give_dead(1, 2, 3, 4, 5)

    assert expire_points() == {"lots": 2, "points": 3}

    run = ExpiryRun.objects.get()
    assert (progress(run), run.requested_by) == (("queued", 0, 3, 0), None)
    work()
    assert progress(run) == ("done", 3, 3, 12)
    prove()


def test_the_periodic_job_goes_on_by_itself_where_its_run_stands_still() -> None:
    give_dead(1, 2, 3, 4, 5)
    expire_points()

    assert expire_points() == {"lots": 3, "points": 12}

    assert ExpiryRun.objects.count() == 1
    work()
    assert progress(ExpiryRun.objects.get()) == ("done", 0, 3, 0)


def test_the_periodic_job_begins_no_run_beside_one_of_all_programmes() -> None:
    give_dead(1, 2, 3, 4, 5)
    of_one = start(programme_id=default_programme().id)
    assert expire_points() == {"lots": 2, "points": 3}
    run = ExpiryRun.objects.exclude(id=of_one.id).get()

    assert expire_points() == {"lots": 3, "points": 12}

    assert (run.requested_by, ExpiryRun.objects.count()) == (None, 2)


WRONG = {
    "more lots than points": {"done": 2, "points": 1},
    "a negative number of lots": {"done": -1},
    "an instant to come": {"as_of": NOW + timedelta(microseconds=1)},
    "an unknown state": {"state": "paused"},
    "queued, and begun": {"started_at": NOW},
    "running, and not begun": {"state": "running"},
    "done, and not finished": {"state": "done", "started_at": NOW},
    "cancelled, and not finished": {"state": "cancelled"},
    "failed for no reason": {"state": "failed", "started_at": NOW, "finished_at": NOW},
}


@pytest.mark.parametrize("values", WRONG.values(), ids=WRONG)
def test_the_database_refuses_a_run_that_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExpiryRun.objects.create(**({"as_of": NOW, "created_at": NOW, "total": 5} | values))


def test_the_pace_is_since_the_first_chunk() -> None:
    run = ExpiryRun(created_at=NOW, started_at=LATER, state="running", done=10, total=40)

    assert pace(run, total=run.total, at=LATER + timedelta(seconds=5)) == (2, 15)
    run.done = 50
    assert pace(run, total=run.total, at=LATER + timedelta(seconds=5)) == (10, 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"state": "queued"}, (0, None)),
        ({"state": "running", "started_at": LATER}, (0, None)),
        ({"state": "done", "done": 8, "started_at": NOW, "finished_at": LATER}, (2, None)),
        ({"state": "cancelled", "finished_at": NOW}, (0, None)),
    ],
)
def test_there_is_no_end_to_foresee_before_the_first_chunk_and_after_the_last(values: Any, expected: Any) -> None:
    run = ExpiryRun(created_at=NOW, total=10, **values)

    assert pace(run, total=run.total, at=LATER) == expected


def test_the_number_of_statements_does_not_grow_with_the_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    for size in (2, 40):
        monkeypatch.setattr(runs, "CHUNK", size)
        give_dead(*range(1, size + 1))
        run = start()
        with CaptureQueriesContext(connection) as statements:
            operations.EXPIRY_RUNS.run_chunk(run.id, chunk=0, at=LATER)
        counted.append(len(statements))

    assert counted[0] == counted[1]
