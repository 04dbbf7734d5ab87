import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection, connections, transaction
from kombu.exceptions import OperationalError

from shared import clock
from shared.messaging import relay
from shared.messaging.sending import BROKER_PAUSE, send_due
from shared.messaging.models import InboxMessage, OutboxMessage
from shared.messaging.outbox import tell
from shared.messaging.producers import producer_for
from shared.testing.proofs import race
from tests.project.notes.models import Note
from tests.test_messages import payment

pytestmark = pytest.mark.django_db(transaction=True)
QUEUES = ("points:points.inbox.points", "points:points.acks", "warehouse:warehouse.inbox.points")


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.BROKER_URL)
    client.delete(*QUEUES)
    yield client
    client.delete(*QUEUES)
    client.close()


def until(condition, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def tell_payments(count: int) -> None:
    with transaction.atomic():
        tell([payment(f"order-{number}") for number in range(count)])


def envelopes(task: bytes) -> list[dict[str, object]]:
    """Unpack what the relay put on the queue: a task whose one argument is a list of envelopes as text, in base64."""
    _, keywords, _ = json.loads(base64.b64decode(json.loads(task)["body"]))
    return json.loads(keywords["pack"])


def test_many_messages_are_one_task_for_each_destination(broker):
    tell_payments(100)

    assert send_due(at=clock.now()).messages == 200

    assert [broker.llen(queue) for queue in QUEUES] == [1, 0, 1]


def test_a_pack_has_at_most_its_bound(broker):
    tell_payments(7)

    send_due(at=clock.now(), limit=5)

    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0] * 4 + [1] * 10


def test_what_was_sent_is_sent_again_when_no_report_comes(broker):
    tell_payments(1)
    at = clock.now()
    send_due(at=at)

    assert send_due(at=at + timedelta(seconds=59)).messages == 0
    assert send_due(at=at + timedelta(seconds=61)).messages == 2
    assert send_due(at=at + timedelta(seconds=61 + 119)).messages == 0
    assert send_due(at=at + timedelta(seconds=61 + 121)).messages == 2


def test_a_parked_message_is_not_sent(broker):
    tell_payments(1)
    OutboxMessage.objects.update(parked_at=clock.now())

    assert send_due(at=clock.now()).messages == 0


def test_relays_beside_each_other_send_each_message_once(broker):
    tell_payments(400)
    at = clock.now()

    race(4, lambda _: [send_due(at=at, limit=50) for _ in range(10)])

    sent = [envelope["id"] for task in broker.lrange("points:points.inbox.points", 0, -1) for envelope in envelopes(task)]
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}
    assert (len(sent), len(set(sent))) == (400, 400)


def test_a_broker_that_is_away_puts_off_and_loses_nothing(broker, settings):
    tell_payments(1)
    producer_for.cache_clear()
    good, settings.BROKER_URL = settings.BROKER_URL, "redis://127.0.0.1:1/0"

    with pytest.raises(OperationalError):
        send_due(at=clock.now())

    producer_for.cache_clear()
    settings.BROKER_URL = good
    assert OutboxMessage.objects.count() == 2
    assert send_due(at=clock.now() + BROKER_PAUSE).messages >= 1


def test_a_commit_wakes_the_sleeping_relay(broker):
    woken = threading.Event()

    def sleep() -> None:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN outbox")
        with relay.idle() as is_idle:
            assert is_idle
            ready.set()
            relay.wait_for_notice(20)
        woken.set()
        connections.close_all()

    ready = threading.Event()
    thread = threading.Thread(target=sleep)
    thread.start()
    assert ready.wait(10)
    tell_payments(1)

    assert woken.wait(5)
    thread.join()


def test_a_writer_does_not_notify_a_relay_that_is_awake():
    raw = connection.connection if connection.connection else (connection.ensure_connection() or connection.connection)
    with connection.cursor() as cursor:
        cursor.execute("LISTEN outbox")
    tell_payments(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert raw.notifies == []


def processes(tmp_path: Path) -> list[subprocess.Popen[bytes]]:
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    env = {**os.environ, "POINTS_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.project.settings"}
    here = Path(__file__).parent.parent
    worker = [sys.executable, "-m", "celery", "-A", "tests.project.celery", "worker"]
    commands = [
        [*worker, "--concurrency", "1", "-n", "points@tests", "--loglevel", "WARNING"],
        [sys.executable, "-m", "django", "relay"],
    ]
    logs = [open(tmp_path / f"{number}.log", "wb") for number in range(2)]  # noqa: SIM115 – closed with the processes
    return [
        subprocess.Popen(command, cwd=here, env=env, stdout=log, stderr=log)
        for command, log in zip(commands, logs, strict=True)
    ]


def test_through_relay_broker_worker_and_back_the_outbox_empties(broker, tmp_path):
    running = processes(tmp_path)
    try:
        tell_payments(50)

        arrived = until(lambda: Note.objects.count() == 50)
        emptied = until(lambda: not OutboxMessage.objects.filter(destination="points").exists())
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=60)

    assert (arrived, emptied) == (True, True), [path.read_text()[-2000:] for path in tmp_path.iterdir()]
    assert InboxMessage.objects.count() == 50
    assert OutboxMessage.objects.filter(destination="warehouse").count() == 50
