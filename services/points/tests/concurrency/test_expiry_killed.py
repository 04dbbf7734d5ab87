"""The nightly jobs and a run in processes of their own, killed in the middle and run again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from points.expiry import operations
from points.expiry.models import ExpiryNotice, ExpiryRun
from points.expiry.operations import expiry_runs as runs
from points.ledger.models import Account, Lot, Transaction
from shared import clock
from shared.contracts.points import PointsExpired, PointsExpiring
from shared.ids import new_id
from shared.messaging.models import PublishedMessage
from shared.testing.messages import published
from shared.testing.waiting import until
from tests.expiry_factories import progress, work
from tests.factories import give, make_programme, prove

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
_THERE = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"


@contextmanager
def job(call: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of the ledger's jobs, two rows at a time, in a process of its own whose connections have a name."""
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    # The test's clock, which the process does not share.
    now = f"at = datetime.fromisoformat({clock.now().isoformat()!r})"
    imports = "import django; django.setup()\nfrom datetime import datetime\nfrom points.expiry import operations"
    code = f"{imports}\n{now}\n{call}"
    env = {**os.environ, "POINTS_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "points.config.settings"}
    folder = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=env | {"PGAPPNAME": "killed"})
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=30)


def count(sql: str) -> int:
    with connection.cursor() as cursor:
        # Within a transaction the server would show who was there when it was first asked.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(sql, ["killed"])
        found: int = cursor.fetchone()[0]
        return found


def kill_while_it_waits(process: subprocess.Popen[bytes]) -> None:
    """Kill a job that waits for a lock, in the middle of a transaction, and see its connection end."""
    until(lambda: count(_WAITING))
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)


def test_the_expiry_job_killed_in_the_middle_and_run_again_ends_each_lot_once() -> None:
    make_programme()
    at = clock.now()
    members = [new_id() for _ in range(9)]
    for number, member_id in enumerate(members, start=1):
        give(member_id, number, at=at - 9 * DAY, expires_at=at - 2 * DAY + timedelta(minutes=number))

    call = "operations.expire_all(at=at, limit=2)"
    with transaction.atomic(), job(call) as process:
        # The third batch cannot have the fifth member.
        Account.objects.select_for_update().get(member_id=members[4])
        kill_while_it_waits(process)
        assert Transaction.objects.filter(kind="expired").count() == 4
    until(lambda: not count(_THERE))

    assert operations.expire_all(at=clock.now(), limit=2) == (5, 5 + 6 + 7 + 8 + 9)

    assert sorted(message.points for message in published(PointsExpired)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert Account.objects.aggregate(total=Sum("expired"))["total"] == 45
    assert not Lot.objects.filter(is_open=True).exists()
    prove()


# A worker, which does what runs ask of themselves until nothing is asked any more; chunks overlap, as ever.
WORKER = """
from points.expiry.operations import expiry_runs
from shared.contracts.points import ExpireLots
from shared.testing.messages import enqueued, do_in_a_slice

expiry_runs.CHUNK = 2
while asked := enqueued(ExpireLots):
    do_in_a_slice(ExpireLots, asked[0])
"""


def test_a_run_whose_worker_is_killed_in_the_middle_goes_on_and_counts_each_lot_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "CHUNK", 2)
    make_programme()
    at = clock.now()
    members = [new_id() for _ in range(9)]
    for number, member_id in enumerate(members, start=1):
        give(member_id, number, at=at - 9 * DAY, expires_at=at - 2 * DAY + timedelta(minutes=number))
    run = operations.start_expiry_run(requested_by=new_id(), at=at)

    with transaction.atomic(), job(WORKER) as process:
        # The third chunk cannot have the fifth member.
        Account.objects.select_for_update().get(member_id=members[4])
        kill_while_it_waits(process)
        assert progress(run) == ("running", 4, 9, 1 + 2 + 3 + 4)
    until(lambda: not count(_THERE))
    assert (progress(run), run.chunk) == (("running", 4, 9, 10), 2)

    with job(WORKER) as process:
        assert process.wait(timeout=60) == 0

    assert (progress(run), run.chunk) == (("done", 9, 9, 45), 5)
    assert sorted(message.points for message in published(PointsExpired)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    asked = PublishedMessage.objects.filter(name="expire_lots").order_by("message_id")
    assert [row.payload["chunk"] for row in asked] == [0, 1, 2, 3, 4]
    assert Account.objects.aggregate(total=Sum("expired"))["total"] == 45
    assert not Lot.objects.filter(is_open=True).exists()
    prove()


def test_a_run_whose_worker_is_killed_is_cancelled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 2)
    make_programme()
    at = clock.now()
    members = [new_id() for _ in range(5)]
    for number, member_id in enumerate(members, start=1):
        give(member_id, number, at=at - 9 * DAY, expires_at=at - 2 * DAY + timedelta(minutes=number))
    run = operations.start_expiry_run(requested_by=new_id(), at=at)
    with transaction.atomic(), job(WORKER) as process:
        Account.objects.select_for_update().get(member_id=members[2])
        kill_while_it_waits(process)
    until(lambda: not count(_THERE))

    operations.EXPIRY_RUNS.cancel(run.id, at=clock.now())
    work()

    assert progress(run) == ("cancelled", 2, 5, 3)
    assert (ExpiryRun.objects.count(), Lot.objects.filter(is_open=True).count()) == (1, 3)
    prove()


def test_the_job_of_notices_killed_in_the_middle_and_run_again_tells_each_once() -> None:
    make_programme(notice_days=[7])
    at = clock.now()
    for number in range(1, 8):
        give(new_id(), number, at=at, expires_at=at + DAY + timedelta(minutes=number))

    call = "operations.publish_expiring(at=at, limit=2)"
    with transaction.atomic(), connection.cursor() as cursor:
        # Nobody else may tell until this ends; what was noted of the first notices waits for it.
        cursor.execute("LOCK TABLE published_message IN SHARE MODE")
        with job(call) as process:
            kill_while_it_waits(process)
    until(lambda: not count(_THERE))
    assert not ExpiryNotice.objects.exists()

    assert operations.publish_expiring(at=clock.now(), limit=2, batches=1) == 2
    assert operations.publish_expiring(at=clock.now(), limit=2) == 5
    assert operations.publish_expiring(at=clock.now(), limit=2) == 0

    assert sorted(message.points for message in published(PointsExpiring)) == [1, 2, 3, 4, 5, 6, 7]
    assert ExpiryNotice.objects.count() == 7
