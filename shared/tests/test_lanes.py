"""What a person waits for and what a bulk job publishes take lanes of their own, and no job has to say so."""

import pytest
from django.db import transaction

from shared import clock
from shared.contracts.base import JobStep
from shared.contracts.points import GenerateCodes
from shared.contracts.routes import ROUTES
from shared.ids import new_id
from shared.messaging import sending, tasks
from shared.messaging.inbox import each
from shared.messaging.lanes import LIST_AT_MOST, Lane, begin_job, in_lane
from shared.messaging.models import InboxMessage, OutboxMessage
from shared.messaging.outbox import publish
from shared.messaging.relay import Relay
from shared.messaging.sending import Sent, send_due
from shared.testing.messages import envelope_of
from tests.at_the_broker import broker, envelopes  # noqa: F401 - a fixture
from tests.test_messages import payment

pytestmark = pytest.mark.django_db(transaction=True)
INBOX, BULK = "points:points.inbox.points", "points:points.inbox.points.bulk"


def published(count: int = 1) -> set[bool]:
    """Publish so many messages and return whether they are bulk."""
    with transaction.atomic():
        ids = publish([payment() for _ in range(count)])
    return set(OutboxMessage.objects.filter(message_id__in=ids).values_list("is_bulk", flat=True))


def test_what_a_request_publishes_is_interactive_up_to_the_length_of_a_batch():
    assert published(1) == {False}
    assert published(LIST_AT_MOST) == {False}
    assert published(LIST_AT_MOST + 1) == {True}


def test_the_first_step_of_a_job_is_bulk_though_a_request_asks_for_it():
    with transaction.atomic():
        publish([GenerateCodes(job_id=new_id(), chunk=0)])

    assert OutboxMessage.objects.get().is_bulk


def test_whatever_a_service_asks_of_itself_alone_is_the_step_of_a_job():
    of_itself = {contract for contract, consumers in ROUTES.items() if consumers == (contract.PRODUCER,)}

    assert of_itself == {contract for contract in ROUTES if issubclass(contract, JobStep)}
    assert of_itself


@pytest.mark.parametrize("lane", Lane)
def test_what_is_published_because_of_messages_takes_their_lane(lane, settings, monkeypatch):
    by = {type(payment()): each(lambda _: publish([payment() for _ in range(LIST_AT_MOST + 1)]))}
    monkeypatch.setattr(tasks.inbox, "handlers", lambda: by)
    monkeypatch.setattr(tasks, "send", lambda *_: None)
    pack = f"[{sending.msgspec.json.encode(envelope_of(payment())).decode()}]"

    tasks.receive(pack=pack, lane=lane.value)

    assert set(OutboxMessage.objects.values_list("is_bulk", flat=True)) == {lane is Lane.BULK}


def test_what_a_task_publishes_is_bulk_unless_it_acts_on_interactive_messages(monkeypatch):
    with in_lane(Lane.INTERACTIVE):  # of this test alone
        begin_job()
        assert published(1) == {True}
        with in_lane(Lane.INTERACTIVE):
            assert published(LIST_AT_MOST + 1) == {False}
        assert published(1) == {True}


def test_each_lane_leaves_in_packs_of_its_own_and_the_interactive_one_first(broker):  # noqa: F811
    published(LIST_AT_MOST + 1)
    published(2)

    sent = send_due(at=clock.machine_now())

    assert sent == Sent(messages=2 * 103, interactive=2 * 2, largest=101, is_blocked=False)
    [interactive], [bulk] = broker.lrange(INBOX, 0, -1), broker.lrange(BULK, 0, -1)
    assert (len(envelopes(interactive)), len(envelopes(bulk))) == (2, 101)


def test_a_flood_that_fills_its_queue_holds_up_nothing_that_a_person_waits_for(broker, monkeypatch):  # noqa: F811
    monkeypatch.setitem(sending.WAITING_AT_MOST, Lane.BULK, 1)
    published(LIST_AT_MOST + 1)
    send_due(at=clock.machine_now(), limit=10)
    published(1)

    sent = send_due(at=clock.machine_now(), limit=10)

    assert (sent.messages, sent.is_blocked) == (2, True)
    assert (broker.llen(INBOX), broker.llen(BULK)) == (1, 1)


def test_a_flood_lets_no_single_message_wait_for_others():
    relay = Relay()
    for _ in range(10):
        relay._let_fill(Sent(messages=500, interactive=0, largest=500))

    assert relay._pace.linger() == 0.0


def test_a_row_that_an_older_process_writes_is_interactive():
    from shared.db import execute

    execute("INSERT INTO outbox (message_id, destination, next_attempt_at) VALUES (%s, 'points', now())", [new_id()])

    assert not OutboxMessage.objects.get().is_bulk


def test_a_pack_of_an_older_relay_is_interactive(monkeypatch):
    monkeypatch.setattr(tasks, "send", lambda *_: None)
    monkeypatch.setattr(
        tasks.inbox, "handlers", lambda: {type(payment()): each(lambda _: publish([payment() for _ in range(101)]))}
    )

    tasks.receive(pack=f"[{sending.msgspec.json.encode(envelope_of(payment())).decode()}]")

    assert InboxMessage.objects.count() == 1
    assert set(OutboxMessage.objects.values_list("is_bulk", flat=True)) == {False}
