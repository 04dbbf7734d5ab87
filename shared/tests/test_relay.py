"""The relay sends what was published, in packs and in order, as soon as it is committed."""

import json
import threading

import pytest
import redis
from django.db import connection, connections, transaction
from kombu.exceptions import OperationalError

from shared import clock
from shared.contracts.clock import ClockReached
from shared.ids import new_id
from shared.messaging import relay, sending
from shared.messaging.lanes import Lane
from shared.messaging.models import OutboxMessage
from shared.messaging.outbox import publish
from shared.messaging.producers import producer_for
from shared.messaging.sending import BROKER_PAUSE, send_due
from shared.testing.proofs import race
from tests.at_the_broker import QUEUES, administrator, broker, envelopes, publish_payments
from tests.test_messages import campaign

__all__ = ["broker"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)


def test_many_messages_are_one_task_for_each_destination(broker):
    publish_payments(100)

    assert send_due(at=clock.machine_now()).messages == 200

    assert [broker.llen(queue) for queue in QUEUES] == [1, 0, 1]


def test_a_pack_has_at_most_its_bound(broker):
    publish_payments(7)

    send_due(at=clock.machine_now(), limit=5)

    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0] * 4 + [1] * 10


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
