"""A worker keeps a process free for what a person waits for, whatever bulk work there is."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec
import pytest
from django.conf import settings
from django.db import transaction
from kombu import Connection, Consumer, Message

from shared.celery import common, inbox_name, queue
from shared.db import rows
from shared.messaging.lanes import Lane
from shared.messaging.producers import inbox_of, send
from shared.testing.messages import envelope_of
from shared.testing.waiting import until
from tests.project.incoming import HELD
from tests.project.notes.models import Note
from tests.test_messages import payment
from tests.test_relay import broker, end, processes  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60
_WAIT = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"


def arrives(order: str, lane: Lane) -> None:
    """Put a message of ours on our own queue, as a relay would."""
    pack = msgspec.json.encode([envelope_of(payment(order), producer="points")]).decode()
    send("points", inbox_of("points", lane), "messages.receive", {"pack": pack, "lane": lane.value})


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
def consuming(lanes: list[Lane]) -> Iterator[tuple[Connection, list[Message]]]:
    """Yield a link that takes two tasks at once from these lanes, and what it took. It looks again too late."""
    inboxes = {lane: inbox_name("points", "points", lane) for lane in lanes}
    options = common("points", settings.BROKER_URL)["broker_transport_options"] | {
        "bulk_queues": (inbox_name("points", "points", Lane.BULK),),
        "polling_interval": 2 * PATIENCE,
    }
    options.pop("socket_timeout")
    taken: list[Message] = []
    with Connection(settings.BROKER_URL, transport="shared.broker:Transport", transport_options=options) as link:
        consumer = Consumer(link.default_channel, [queue(name) for name in inboxes.values()], accept=["json"])
        consumer.register_callback(lambda _, message: taken.append(message))
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
    with consuming([Lane.BULK, Lane.INTERACTIVE]) as (link, taken):
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
        "points.inbox.points.bulk",
        "points.inbox.points",
        "points.inbox.points.bulk",
    ]
