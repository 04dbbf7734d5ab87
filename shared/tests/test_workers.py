"""Workers beside a relay: what they are sent is done, and one that takes nothing ends itself."""

import time

import pytest
from django.db import transaction

from shared.contracts.points import GenerateCodes
from shared.ids import new_id
from shared.messaging.models import InboxMessage, OutboxMessage
from shared.messaging.outbox import publish
from shared.testing.waiting import until
from tests.at_the_broker import administrator, broker, end, processes
from tests.project.notes.models import Note
from tests.test_messages import campaign

__all__ = ["broker"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_that_takes_nothing_any_more_ends_itself(broker, tmp_path):
    """Its queue is taken from it by remote control: connected, alive, idle for ever, as after some broker restarts."""
    worker = processes(tmp_path, 1, ALIVE_FILE=str(tmp_path / "alive"), WORKER_HANG_SECONDS="3")
    try:
        until((tmp_path / "alive").exists, why=(tmp_path / "0.log").read_text)
        from tests.project.celery import app

        app.control.cancel_consumer("ping.points@tests", reply=True, timeout=5)
        code = worker[0].wait(timeout=60)
    finally:
        end(worker)

    assert "took no task" in (tmp_path / "0.log").read_text()
    assert code is not None


def test_a_worker_that_works_is_left_alone(broker, tmp_path):
    worker = processes(tmp_path, 1, ALIVE_FILE=str(tmp_path / "alive"), WORKER_HANG_SECONDS="3")
    try:
        until((tmp_path / "alive").exists)
        first = (tmp_path / "alive").stat().st_mtime
        until(lambda: (tmp_path / "alive").stat().st_mtime > first + 5)
        assert worker[0].poll() is None
    finally:
        end(worker)


def test_a_worker_whose_links_to_the_broker_break_takes_tasks_again(broker, tmp_path):
    """As after a restart of the broker, also the link for remote control, which is read in the worker's main thread."""
    worker = processes(tmp_path, 1, ALIVE_FILE=str(tmp_path / "alive"), WORKER_HANG_SECONDS="9")
    alive = tmp_path / "alive"
    try:
        until(alive.exists, why=(tmp_path / "0.log").read_text)
        with administrator() as admin:
            assert admin.client_kill_filter(_type="pubsub") > 0
        broken_at = time.time()
        until(lambda: alive.stat().st_mtime > broken_at)
        assert worker[0].poll() is None
        assert "took no task" not in (tmp_path / "0.log").read_text()
    finally:
        end(worker)


def test_through_relay_broker_worker_and_back_the_outbox_empties(broker, tmp_path):
    def logs() -> str:
        return "\n".join(path.read_text()[-2000:] for path in tmp_path.iterdir())

    running = processes(tmp_path)
    try:
        with transaction.atomic():
            publish([GenerateCodes(job_id=new_id(), chunk=chunk) for chunk in range(50)])
            publish([campaign("spring")])

        until(lambda: Note.objects.count() == 50, why=logs)
        until(lambda: not OutboxMessage.objects.filter(destination="points").exists(), why=logs)
    finally:
        end(running)

    assert InboxMessage.objects.count() == 50
    assert OutboxMessage.objects.filter(destination="warehouse").count() == 1
