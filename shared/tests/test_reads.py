"""What reads and writes messages costs the same however many there are, whatever the statistics say."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from django.conf import settings

from shared import clock
from shared.db import array, execute, rows
from shared.idempotency.purge import purge_records
from shared.ids import first_id_of, made_at
from shared.messaging import acks, attention, relay
from shared.messaging.models import OutboxMessage
from shared.messaging.purge import purge_inbox, purge_published
from shared.messaging.sending import send_due
from shared.testing.fillings import Filling, at_any_size
from shared.testing.owner import as_owner
from shared.testing.reads import rows_read
from shared.tokens.revocations import purge_notes
from tests.at_the_broker import administrator

pytestmark = pytest.mark.django_db
QUEUES = ("points:points.inbox.points", "warehouse:warehouse.inbox.points")
# Ids in the order of their making, as those of version 7 are; the first ten are old.
ROWS = "generate_series(%(first)s::integer, %(last)s::integer) AS n"
ID = "((CASE WHEN n <= 10 THEN %(old)s ELSE %(young)s END) || lpad(to_hex(n), 12, '0'))::uuid"
AT = "(CASE WHEN n <= 10 THEN %(long_ago)s ELSE %(at)s + n * interval '1 millisecond' END)"
PUBLISHED = f"""
INSERT INTO published_message (message_id, name, version, occurred_at, correlation_id, causation_id, destinations,
                               payload)
SELECT {ID}, 'payment_captured', 1, %(at)s, '', '', '["points", "warehouse"]', '{{}}' FROM {ROWS}
"""
WAITING = f"""
INSERT INTO outbox (message_id, destination, number, next_attempt_at, attempts, failures, last_error)
SELECT {ID}, destination, n, {AT}, 0, 0, ''
FROM {ROWS} CROSS JOIN (VALUES ('points'), ('warehouse')) AS to_ (destination)
"""
RECEIVED = f"""
INSERT INTO inbox (message_id, producer, name, received_at) SELECT {ID}, 'points', 'payment_captured', {AT} FROM {ROWS}
"""
ANSWERED = f"""
INSERT INTO idempotency_record (principal_id, key, fingerprint, content_type, created_at)
SELECT {ID}, n, '', '', {AT} FROM {ROWS}
"""
REVOKED = f"INSERT INTO revocation (user_id, not_before) SELECT {ID}, {AT} FROM {ROWS}"
# The last of all, whatever the first ones were.
PARKED = "UPDATE outbox SET parked_at = %(at)s WHERE number > %(last)s - 3 AND destination = 'warehouse'"


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.BROKER_URL) as client, administrator() as admin:
        admin.delete(*QUEUES)
        yield client
        admin.delete(*QUEUES)


def filled(filling: Filling, tables: str, *inserts: str, **more: Any) -> None:
    at = clock.machine_now()
    long_ago = at - timedelta(days=99)
    names = {"old": str(first_id_of(long_ago))[:24], "young": str(first_id_of(at))[:24]}
    filling.fill(tables.split(), *inserts, at=at, long_ago=long_ago, **names, **more)


@at_any_size
@pytest.mark.usefixtures("broker")
def test_a_relay_reads_what_it_sends(filling: Filling) -> None:
    relay.set_up_session()
    filled(
        filling, "published_message outbox", PUBLISHED, WAITING, use=lambda: send_due(at=clock.machine_now(), limit=1)
    )
    at = clock.machine_now() + timedelta(days=1)

    with rows_read("outbox", "published_message") as read:
        sent = send_due(at=at, limit=10)

    assert sent.messages == 20
    assert read() <= 200


@at_any_size
def test_a_report_reads_what_it_is_about(filling: Filling) -> None:
    filled(filling, "published_message outbox", PUBLISHED, WAITING, use=lambda: report_on(UUID(int=1)))
    about = rows("SELECT message_id FROM outbox ORDER BY number DESC LIMIT 1")[0][0]

    with rows_read("outbox") as read:
        report_on(about)

    assert read() <= 10
    assert OutboxMessage.objects.filter(message_id=about).count() == 1


def report_on(message_id: UUID) -> None:
    for said in ({"failed": {message_id: "not yet"}}, {"unknown": {message_id: "no handler"}}, {"done": [message_id]}):
        report: Any = {
            "consumer": "warehouse",
            "done": [],
            "failed": {},
            "unknown": {},
            "at": clock.machine_now(),
        } | said
        acks.settle(**report)


@at_any_size
def test_ids_are_looked_up_though_another_index_has_them_too(filling: Filling) -> None:
    as_owner("CREATE INDEX ON inbox (received_at, message_id)")
    filled(filling, "inbox", RECEIVED)
    ids = [message_id for (message_id,) in rows("SELECT message_id FROM inbox ORDER BY message_id LIMIT 300")]

    with rows_read("inbox") as read:
        found = rows("SELECT message_id FROM inbox WHERE message_id = ANY(%s::uuid[])", [array(ids)])

    assert len(found) == len(ids)
    assert read() == len(ids)


@at_any_size
def test_purging_reads_what_is_purged(filling: Filling) -> None:
    filled(filling, "published_message outbox inbox", PUBLISHED, RECEIVED, WAITING + " WHERE n > 10")

    with rows_read("published_message", "outbox", "inbox") as read:
        gone = purge_published(at=clock.machine_now()), purge_inbox(at=clock.machine_now())

    assert gone == (10, 10)
    assert read() <= 80


@at_any_size
def test_purges_of_replies_and_revocations_read_what_goes(filling: Filling) -> None:
    filled(filling, "idempotency_record revocation", ANSWERED, REVOKED)

    for left in (10, 0):
        with rows_read("idempotency_record", "revocation") as read:
            assert (purge_records(at=clock.machine_now()), purge_notes(at=clock.machine_now())) == (left, left)
        assert read() <= 4 * left + 8


@at_any_size
def test_a_page_of_parked_messages_reads_what_it_shows(filling: Filling) -> None:
    filled(filling, "published_message outbox", PUBLISHED, WAITING)
    parked = as_owner(PARKED, {"at": clock.machine_now(), "last": filling.size})

    with rows_read("published_message", "outbox") as read:
        found = attention.waiting()

    assert (len(found), parked) == (3, 3)
    assert read() <= 6 + 4

    with rows_read("published_message", "outbox") as read:
        found = attention.waiting(parked_only=False, limit=100)

    assert len(found) == 100
    assert read() <= 200 + 4


@at_any_size
def test_how_destinations_fare_is_counted_up_to_a_bound(filling: Filling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "COUNTED_AT_MOST", 100)
    filled(filling, "published_message outbox", PUBLISHED, WAITING)
    at = clock.machine_now()
    oldest = made_at(rows("SELECT message_id FROM published_message ORDER BY message_id LIMIT 1")[0][0])

    with rows_read("published_message", "outbox") as read:
        found = attention.flows(at=at)

    # Nothing waits for payments.
    assert [(one.waiting, one.bulk_waiting, one.parked) for one in found] == [(0, 0, 0), (100, 0, 0), (100, 0, 0)]
    assert [one.oldest_seconds for one in found[1:]] == [pytest.approx((at - oldest).total_seconds())] * 2
    # A hundred for each.
    assert read() <= 2 * 100 + 8


def test_rows_are_counted_however_they_are_read() -> None:
    inserted = "INSERT INTO inbox SELECT gen_random_uuid(), 'points', 'x', now() FROM generate_series(1, 30)"
    execute(inserted)

    with rows_read("inbox", "outbox") as read:
        (one, *_) = rows("SELECT message_id FROM inbox")
        execute("SET LOCAL enable_bitmapscan = off")
        rows("SELECT FROM inbox WHERE message_id = %s", one)
        execute(
            "SET LOCAL enable_bitmapscan = on; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off"
        )
        rows("SELECT FROM inbox WHERE message_id = %s", one)
    rows("SELECT message_id FROM inbox")

    assert read.by_table() == {"inbox": 30 + 1 + 1, "outbox": 0}
    assert read() == 32
    assert read.pages() >= 3


@pytest.mark.django_db(transaction=True)
def test_rows_are_counted_in_a_transaction_only() -> None:
    with pytest.raises(AssertionError, match="one transaction"), rows_read("inbox"):
        pass
