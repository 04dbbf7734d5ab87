import base64
import json
import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.db import connection, connections, transaction
from kombu.exceptions import OperationalError

from shared import clock
from shared.contracts.clock import ClockReached
from shared.contracts.points import GenerateCodes
from shared.ids import new_id
from shared.messaging import relay, sending
from shared.messaging.lanes import Lane
from shared.messaging.models import InboxMessage, OutboxMessage, Peer
from shared.messaging.outbox import publish
from shared.messaging.producers import producer_for
from shared.messaging.sending import BROKER_PAUSE, UNREPORTED, send_due
from shared.testing.proofs import race
from shared.testing.waiting import until
from tests.project.notes.models import Note
from tests.test_messages import campaign, payment

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)
QUEUES = ("points:points.inbox.points", "points:points.acks.points", "warehouse:warehouse.inbox.points")
BULK_QUEUES = ("points:points.inbox.points.bulk", "warehouse:warehouse.inbox.points.bulk", "points:points.jobs")


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.BROKER_URL)
    with administrator() as admin:  # no service may take away what it has sent to another
        admin.delete(*QUEUES, *BULK_QUEUES)
        yield client
        admin.delete(*QUEUES, *BULK_QUEUES)
    client.close()


def take_all() -> None:
    with administrator() as admin:
        admin.delete(*QUEUES)


def publish_payments(count: int) -> None:
    with transaction.atomic():
        publish([payment(f"order-{number}") for number in range(count)])


def envelopes(task: bytes) -> list[dict[str, object]]:
    """Read what the relay put on the queue: a task whose argument has envelopes in text in base64, long ones zipped."""
    message = json.loads(task)
    body = base64.b64decode(message["body"])
    _, keywords, _ = json.loads(zlib.decompress(body) if "compression" in message["headers"] else body)
    return json.loads(keywords["pack"])


def test_many_messages_are_one_task_for_each_destination(broker):
    publish_payments(100)

    assert send_due(at=clock.machine_now()).messages == 200

    assert [broker.llen(queue) for queue in QUEUES] == [1, 0, 1]


def test_a_pack_has_at_most_its_bound(broker):
    publish_payments(7)

    send_due(at=clock.machine_now(), limit=5)

    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0] * 4 + [1] * 10


def test_what_was_sent_is_sent_again_when_no_report_comes(broker):
    publish_payments(1)
    at = clock.machine_now()
    send_due(at=at)

    assert send_due(at=at + UNREPORTED - SECOND).messages == 0
    assert send_due(at=at + UNREPORTED + SECOND).messages == 2
    take_all()  # the consumers took them and died
    assert send_due(at=at + 3 * UNREPORTED).messages == 0
    assert send_due(at=at + 3 * UNREPORTED + 2 * SECOND).messages == 2


def test_a_chunk_of_a_job_is_sent_again_sooner_as_the_whole_job_waits_for_it(broker, settings):
    settings.SERVICE = "points"
    publish_payments(1)
    with transaction.atomic():
        publish([GenerateCodes(job_id=new_id(), chunk=7)])
    at = clock.machine_now()
    assert send_due(at=at).messages == 3

    assert send_due(at=at + timedelta(seconds=14)).messages == 0
    assert send_due(at=at + timedelta(seconds=16)).messages == 1
    assert send_due(at=at + UNREPORTED + SECOND).messages == 2
    assert send_due(at=at + timedelta(seconds=16 + 29)).messages == 0
    assert send_due(at=at + timedelta(seconds=16 + 31)).messages == 1


def test_a_message_that_failed_before_waits_no_longer_for_a_lost_report(broker):
    publish_payments(1)
    OutboxMessage.objects.update(attempts=5, failures=5)
    at = clock.machine_now()
    send_due(at=at)

    assert send_due(at=at + UNREPORTED - SECOND).messages == 0
    assert send_due(at=at + UNREPORTED + SECOND).messages == 2


def test_what_is_sent_again_is_counted(broker):
    publish_payments(3)
    at = clock.machine_now()
    send_due(at=at)
    assert not Peer.objects.exists()

    send_due(at=at + UNREPORTED + SECOND)

    assert dict(Peer.objects.values_list("name", "resent")) == {"points": 3, "warehouse": 3}


def test_a_consumer_that_is_away_costs_the_broker_so_many_tasks_and_no_more(broker, monkeypatch):
    monkeypatch.setitem(sending.WAITING_AT_MOST, Lane.INTERACTIVE, 3)
    publish_payments(10)
    at = clock.machine_now()

    passes = [send_due(at=at + timedelta(hours=hour), limit=2) for hour in range(6)]

    assert [one.messages for one in passes] == [4, 4, 4, 0, 0, 0]
    assert [one.is_blocked for one in passes] == [False] * 3 + [True] * 3
    assert [broker.llen(queue) for queue in QUEUES] == [3, 0, 3]


def test_messages_for_a_consumer_that_is_behind_wait_together_and_not_in_many_small_packs(broker):
    at = clock.machine_now() + timedelta(seconds=10)
    for number in range(29):
        publish_payments(1)
        send_due(at=at + timedelta(seconds=number))
    assert [broker.llen(queue) for queue in QUEUES] == [2, 0, 2]

    take_all()  # the consumer has taken them
    assert send_due(at=at + timedelta(seconds=29)).largest == 27


def test_a_full_consumer_does_not_hold_up_another(broker, monkeypatch):
    monkeypatch.setitem(sending.WAITING_AT_MOST, Lane.INTERACTIVE, 1)
    broker.lpush("points:points.inbox.points", "a task of before")
    publish_payments(1)

    sent = send_due(at=clock.machine_now())

    assert (sent.messages, sent.is_blocked) == (1, True)
    assert broker.llen("warehouse:warehouse.inbox.points") == 1


def test_messages_leave_in_the_order_in_which_they_were_published(broker):
    publish_payments(30)

    send_due(at=clock.machine_now())

    (task,) = broker.lrange("points:points.inbox.points", 0, -1)
    assert [one["payload"]["order_id"] for one in envelopes(task)] == [f"order-{number}" for number in range(30)]


def test_a_long_pack_waits_on_the_broker_in_a_part_of_its_size(broker):
    publish_payments(400)

    send_due(at=clock.machine_now())

    (task,) = broker.lrange("points:points.inbox.points.bulk", 0, -1)
    assert len(task) * 3 < len(json.dumps(envelopes(task)))
    assert len(envelopes(task)) == 400


def test_the_pace_is_that_of_the_last_second():
    now = [100.0]
    pace = relay.Pace(now=lambda: now[0])
    pace.note(1)
    assert pace.linger() == 0.0
    pace.note(20)
    assert pace.linger() == 0.05
    pace.note(30)
    assert pace.linger() == 0.2
    pace.note(200)
    assert pace.linger() == 0.3
    now[0] += 1.1
    assert pace.linger() == 0.0


def test_a_parked_message_is_not_sent(broker):
    publish_payments(1)
    OutboxMessage.objects.update(parked_at=clock.machine_now())

    assert send_due(at=clock.machine_now()).messages == 0


def test_relays_beside_each_other_send_each_message_once(broker, monkeypatch):
    monkeypatch.setitem(sending.WAITING_AT_MOST, Lane.BULK, 100)  # nobody takes them here
    publish_payments(400)
    at = clock.machine_now()

    race(4, lambda _: [send_due(at=at, limit=50) for _ in range(10)])

    sent = [
        envelope["id"]
        for task in broker.lrange("points:points.inbox.points.bulk", 0, -1)
        for envelope in envelopes(task)
    ]
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}
    assert (len(sent), len(set(sent))) == (400, 400)


def test_a_broker_that_is_away_puts_off_and_loses_nothing(broker, settings):
    publish_payments(1)
    producer_for.cache_clear()
    good, settings.BROKER_URL = settings.BROKER_URL, "redis://127.0.0.1:1/0"

    with pytest.raises(OperationalError):
        send_due(at=clock.machine_now())

    producer_for.cache_clear()
    settings.BROKER_URL = good
    assert OutboxMessage.objects.count() == 2
    assert send_due(at=clock.machine_now() + BROKER_PAUSE).messages >= 1


def test_a_commit_wakes_the_sleeping_relay(broker):
    woken = threading.Event()

    def sleep() -> None:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN outbox")
        with relay.idle() as is_idle:
            assert is_idle
            ready.set()
            relay.wait_for_notice(600)
        woken.set()
        connections.close_all()

    ready = threading.Event()
    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    assert ready.wait(60)
    publish_payments(1)

    # Long before its ten minutes are over.
    assert woken.wait(120)
    thread.join()


def test_a_writer_does_not_notify_a_relay_that_is_awake():
    raw = connection.connection if connection.connection else (connection.ensure_connection() or connection.connection)
    with connection.cursor() as cursor:
        cursor.execute("LISTEN outbox")
    publish_payments(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert raw.notifies == []


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


def administrator() -> redis.Redis:
    address = urlsplit(settings.BROKER_URL)
    password = os.environ["REDIS_ADMIN_PASSWORD"]
    return redis.Redis(address.hostname, address.port, username="admin", password=password)


def end(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=60)


def processes(tmp_path: Path, count: int = 2, children: int = 1, **more: str) -> list[subprocess.Popen[bytes]]:
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    env = {**os.environ, "POINTS_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.project.settings", **more}
    here = Path(__file__).parent.parent
    worker = [sys.executable, "-m", "celery", "-A", "tests.project.celery", "worker"]
    commands = [
        [*worker, "--concurrency", str(children), "-n", "points@tests", "--loglevel", "WARNING"],
        [sys.executable, "-m", "django", "relay"],
    ]
    logs = [open(tmp_path / f"{number}.log", "wb") for number in range(count)]  # noqa: SIM115 – closed with the processes
    return [
        subprocess.Popen(command, cwd=here, env=env, stdout=log, stderr=log)
        for command, log in zip(commands, logs, strict=False)
    ]


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


def test_no_pack_is_let_fill_for_what_somebody_waits_for(broker: redis.Redis) -> None:
    about = ClockReached(
        service="points", move_id=new_id(), number=1, done={}, next_due_at=None, published=0, waiting=0
    )
    with transaction.atomic():
        publish([about, about, campaign("a campaign")])

    sent = send_due(at=clock.machine_now())

    with administrator() as admin:
        admin.delete("payments:payments.inbox.points")
    assert (sent.messages, sent.interactive) == (3, 1)
