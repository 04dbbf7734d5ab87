"""What reads and writes messages costs the same however many there are, whatever the statistics say."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from shared import clock
from shared.db import execute, rows
from shared.ids import first_id_of
from shared.messaging import acks, relay
from shared.messaging.models import InboxMessage, OutboxMessage, ToldMessage
from shared.messaging.purge import INBOX_KEPT, purge_inbox, purge_told
from shared.messaging.sending import send_due
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read

pytestmark = pytest.mark.django_db
QUEUES = ("points:points.inbox.points", "warehouse:warehouse.inbox.points")
# Ids in the order of their making, as those of version 7 are: the first ten are old.
ROWS = "generate_series(%(first)s::integer, %(last)s::integer) AS n"


ID = "((CASE WHEN n <= 10 THEN %(old)s ELSE %(young)s END) || lpad(to_hex(n), 12, '0'))::uuid"
AT = "(CASE WHEN n <= 10 THEN %(long_ago)s ELSE %(at)s + n * interval '1 millisecond' END)"
TOLD = f"""
INSERT INTO told_message (message_id, name, version, occurred_at, correlation_id, causation_id, destinations, payload)
SELECT {ID}, 'payment_captured', 1, %(at)s, '', '', '["points", "warehouse"]', '{{}}' FROM {ROWS}
"""
WAITING = f"""
INSERT INTO outbox (message_id, destination, number, next_attempt_at, attempts, failures, last_error)
SELECT {ID}, destination, n, {AT}, 0, 0, '' FROM {ROWS} CROSS JOIN (VALUES ('points'), ('warehouse')) AS to_ (destination)
"""
RECEIVED = f"""
INSERT INTO inbox (message_id, producer, name, received_at) SELECT {ID}, 'points', 'payment_captured', {AT} FROM {ROWS}
"""


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.BROKER_URL)
    client.delete(*QUEUES)
    yield client
    client.delete(*QUEUES)
    client.close()


def filled(filling: Filling, tables: str, *inserts: str, **more: Any) -> None:
    at = clock.now()
    long_ago = at - timedelta(days=99)
    names = {"old": str(first_id_of(long_ago))[:24], "young": str(first_id_of(at))[:24]}
    filling.fill(tables.split(), *inserts, at=at, long_ago=long_ago, **names, **more)


@at_any_size
@pytest.mark.usefixtures("broker")
def test_a_relay_reads_what_it_sends(filling: Filling) -> None:
    relay.set_up_session()
    filled(filling, "told_message outbox", TOLD, WAITING, use=lambda: send_due(at=clock.now(), limit=1))
    at = clock.now() + timedelta(days=1)

    with rows_read("outbox", "told_message") as read:
        sent = send_due(at=at, limit=10)

    import sys; print("relay", filling, sent, read.by_table(), read.pages(), file=sys.stderr)
    assert sent.messages == 20
    assert read() <= 200


@at_any_size
def test_a_report_reads_what_it_is_about(filling: Filling) -> None:
    def report(number: int) -> None:
        about = ToldMessage.objects.order_by("-message_id")[number].message_id if ToldMessage.objects.exists() else UUID(int=1)
        for said in ({"failed": {about: "x"}}, {"unknown": {about: "x"}}, {"done": [about]}):
            acks.settle(**{"consumer": "warehouse", "done": [], "failed": {}, "unknown": {}, "at": clock.now(), **said})

    filled(filling, "told_message outbox", TOLD, WAITING, use=lambda: report(0))

    with rows_read("outbox") as read:
        report(0)

    assert read() <= 10


@at_any_size
def test_forgetting_reads_what_is_forgotten(filling: Filling) -> None:
    filled(filling, "told_message outbox inbox", TOLD, RECEIVED, WAITING + " WHERE n > 10")

    with rows_read("told_message", "outbox", "inbox") as read:
        gone = purge_told(at=clock.now()), purge_inbox(at=clock.now())

    assert gone == (10, 10)
    import sys; print("purge", filling, read.by_table(), read.pages(), file=sys.stderr)
    assert read() <= 80
