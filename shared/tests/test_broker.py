"""A worker keeps a process free for what a person waits for, whatever bulk work there is."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import msgspec
import pytest
from django.conf import settings
from django.db import transaction
from kombu import Connection, Consumer, Message, Producer

from shared import clock
from shared.celery import bulk_queues_of, common, inbox_name, long_queues_of, queue
from shared.db import rows
from shared.messaging.lanes import Lane
from shared.messaging.producers import inbox_of, send
from shared.testing.messages import envelope_of
from shared.testing.waiting import until
from tests.at_the_broker import broker, end, processes  # noqa: F401 - a fixture
from tests.project.celery import app
from tests.project.incoming import HELD
from tests.project.notes.models import Note
from tests.test_messages import campaign

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60
EXPIRED = "what has expired, which Celery acknowledges as it comes"
OURS, OURS_BULK = (inbox_name("points", "points", lane) for lane in (Lane.INTERACTIVE, Lane.BULK))
THEIRS_BULK = inbox_name("points", "payments", Lane.BULK)
_WAIT = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"


def arrives(order: str, lane: Lane) -> None:
    """Put a message of ours on our own queue, as a relay would."""
    send("points", inbox_of("points", lane), "messages.receive", {"pack": pack_of(order), "lane": lane.value})


def pack_of(order: str) -> str:
    return msgspec.json.encode([envelope_of(campaign(order))]).decode()


def is_done(order: str) -> bool:
    return Note.objects.filter(text=order).exists()


def test_bulk_work_that_takes_long_never_has_the_last_process(broker, tmp_path):  # noqa: F811
    log = (tmp_path / "0.log").read_text
    worker = processes(tmp_path, 1, children=2)
    try:
        with transaction.atomic(using="default"):
            rows("SELECT pg_advisory_xact_lock(%s)", [HELD])
            for _ in range(3):
                arrives("held", Lane.BULK)
            until(lambda: rows(_WAIT, [HELD]) == [(1,)], why=log)
            # One after the other: the first may come before the worker takes what waits.
            for order in "abc":
                arrives(order, Lane.INTERACTIVE)
                until(lambda o=order: is_done(o), why=log)
            held = rows(_WAIT, [HELD])
        until(lambda: Note.objects.filter(text="held").count() == 3, why=log)
    finally:
        end(worker)

    assert held == [(1,)]


def test_the_only_process_of_a_worker_does_bulk_work_as_well(broker, tmp_path):  # noqa: F811
    worker = processes(tmp_path, 1, children=1)
    try:
        arrives("bulk", Lane.BULK)
        until(lambda: is_done("bulk"), why=(tmp_path / "0.log").read_text)
    finally:
        end(worker)


@contextmanager
def consuming(*inboxes: str) -> Iterator[tuple[Connection, list[Message]]]:
    """Yield a link that takes two tasks at once from these queues, and what it took. It looks again too late."""
    options = common("points", settings.BROKER_URL)["broker_transport_options"] | {
        "bulk_queues": tuple(bulk_queues_of("points")),
        "long_queues": tuple(long_queues_of("points")),
        "polling_interval": 2 * PATIENCE,
    }
    options.pop("socket_timeout")
    taken: list[Message] = []
    with Connection(settings.BROKER_URL, transport="shared.broker:Transport", transport_options=options) as link:
        consumer = Consumer(link.default_channel, [queue(name) for name in inboxes], accept=["json"])
        consumer.register_callback(
            lambda body, message: (taken.append(message), body == {"of": EXPIRED} and message.ack())
        )
        consumer.qos(prefetch_count=2)
        consumer.consume()
        yield link, taken


def take(link: Connection, taken: list[Message], count: int) -> None:
    def is_taken() -> bool:
        if len(taken) < count:
            with suppress(TimeoutError):
                link.drain_events(timeout=1)
        return len(taken) >= count

    until(is_taken, seconds=PATIENCE)


@pytest.mark.parametrize("end", ["ack", "reject"])
def test_the_end_of_bulk_work_is_when_the_next_is_taken(broker, end):  # noqa: F811
    with consuming(OURS_BULK, OURS) as (link, taken):
        for _ in range(3):
            arrives("bulk", Lane.BULK)
        take(link, taken, 1)
        with pytest.raises(TimeoutError):
            link.drain_events(timeout=1)
        arrives("interactive", Lane.INTERACTIVE)
        take(link, taken, 2)
        taken[1].ack()
        with pytest.raises(TimeoutError):
            link.drain_events(timeout=1)
        assert len(taken) == 2

        getattr(taken[0], end)()
        take(link, taken, 3)

    assert [message.delivery_info["routing_key"] for message in taken] == [
        OURS_BULK,
        OURS,
        OURS_BULK,
    ]


def put(link: Connection, name: str, body: str = "") -> None:
    with Producer(link.channel()) as producer:
        producer.publish({"of": body}, exchange=queue(name).exchange, routing_key=name, declare=[queue(name)])


def test_packs_of_others_may_have_all_processes_while_no_job_has_one(broker):  # noqa: F811
    with consuming(THEIRS_BULK, OURS_BULK) as (link, taken):
        for _ in range(3):
            put(link, THEIRS_BULK)
        take(link, taken, 2)
        put(link, OURS_BULK)
        taken[0].ack()
        take(link, taken, 3)
        assert taken[2].delivery_info["routing_key"] == OURS_BULK
        taken[1].ack()
        with pytest.raises(TimeoutError):
            link.drain_events(timeout=1)
        assert len(taken) == 3

        taken[2].ack()
        take(link, taken, 4)
        taken[3].ack()


def test_a_task_that_has_expired_is_no_turn_of_its_queue(broker):  # noqa: F811
    with consuming(OURS, "points.acks.points") as (link, taken):
        for body in (EXPIRED, EXPIRED, EXPIRED, "", ""):
            put(link, OURS, body)
            put(link, "points.acks.points")
        take(link, taken, 5)
        for message in taken[3:]:
            message.ack()

    assert [message.delivery_info["routing_key"] for message in taken] == [*[OURS] * 4, "points.acks.points"]


def test_behind_a_job_what_has_expired_leaves_its_turn_to_what_has_not(broker, tmp_path):  # noqa: F811
    """As Celery does it, which acknowledges what has expired a moment after it came."""
    log = (tmp_path / "0.log").read_text
    worker = processes(tmp_path, 1, children=2)
    try:
        with transaction.atomic(using="default"):
            rows("SELECT pg_advisory_xact_lock(%s)", [HELD])
            arrives("held", Lane.BULK)
            until(lambda: rows(_WAIT, [HELD]) == [(1,)], why=log)
            for _ in range(3):
                app.send_task(
                    "housekeeping.ping", queue="points.jobs", expires=clock.machine_now() - timedelta(seconds=1)
                )
            app.send_task("notes.write", queue="points.jobs", kwargs={"text": "job"})
            for order in "abc":
                arrives(order, Lane.BULK)
        until(lambda: Note.objects.count() == 5, why=log)
    finally:
        end(worker)

    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == ["held", "job", "a", "b", "c"]
