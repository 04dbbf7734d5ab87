"""What nobody reported on is sent again, and who takes nothing costs the broker little."""

from datetime import timedelta

import pytest
from django.db import transaction

from shared import clock
from shared.contracts.points import GenerateCodes
from shared.ids import new_id
from shared.messaging import sending
from shared.messaging.lanes import Lane
from shared.messaging.models import OutboxMessage, Peer
from shared.messaging.outbox import publish
from shared.messaging.sending import UNREPORTED, send_due
from tests.at_the_broker import QUEUES, administrator, broker, publish_payments

__all__ = ["broker"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


def take_all() -> None:
    with administrator() as admin:
        admin.delete(*QUEUES)


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
