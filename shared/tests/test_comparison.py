"""Both sides compare what they have; what one lacks is found and sent again."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from django.conf import settings

from shared import clock
from shared.contracts.auth import SessionsRevoked
from shared.ids import first_id_of
from shared.messaging import attention, comparison
from shared.messaging.comparison import Answer, Question
from shared.messaging.inbox import Delivery, _not_seen
from shared.messaging.models import OutboxMessage, Peer, PublishedMessage, SkippedMessage
from shared.messaging.outbox import publish
from shared.testing.messages import envelope_of
from shared.testing.proofs import nothing_written
from tests.test_messages import payment

pytestmark = pytest.mark.django_db
# Old enough to be compared: nobody can still be about to commit it.
LATER = timedelta(minutes=2, seconds=1)


@pytest.fixture(autouse=True)
def _only_us(monkeypatch):
    """Let this service be producer and consumer at once, as one that sends messages to itself is."""
    monkeypatch.setattr(comparison, "consumers", lambda: ["points"])


def published(count: int, *, is_acknowledged: bool = True) -> list[UUID]:
    ids = publish([payment() for _ in range(count)])
    if is_acknowledged:
        OutboxMessage.objects.filter(message_id__in=ids).delete()
    return ids


def acted_on(ids: list[UUID]) -> None:
    envelopes = [envelope_of(payment(), message_id=message_id, producer="points") for message_id in ids]
    _not_seen([Delivery(envelope, None) for envelope in envelopes], at=clock.machine_now())


def over_the_wire(value, kind):
    return msgspec.json.decode(value.text(), type=kind)


def compare() -> int:
    """Let both sides talk until nothing is left to ask; return how many questions there were."""
    at = clock.machine_now() + LATER
    questions, asked = [comparison.ask("points", hours=3, at=at)], 0
    while questions:
        asked += 1
        answer = comparison.answer(over_the_wire(questions.pop(), Question))
        questions += comparison.conclude(over_the_wire(answer, Answer), at=at)
    return asked


def waiting() -> set[UUID]:
    return set(OutboxMessage.objects.filter(destination="points").values_list("message_id", flat=True))


def test_equal_sides_agree_in_one_question():
    acted_on(published(50))

    assert compare() == 1

    peer = Peer.objects.get(name="points")
    assert (peer.compared, peer.missing, peer.surplus) == (50, 0, 0)
    assert peer.agreed_at == peer.compared_at is not None
    assert waiting() == set()


def test_a_lost_message_is_found_and_sent_again():
    ids = published(50)
    acted_on(ids[:20] + ids[21:])

    compare()

    peer = Peer.objects.get(name="points")
    assert waiting() == {ids[20]}
    assert (peer.missing, peer.agreed_at) == (1, None)


def test_agreement_comes_back_once_the_lost_message_is_acted_on():
    ids = published(3)
    acted_on(ids[1:])
    compare()
    acted_on(ids[:1])
    OutboxMessage.objects.all().delete()

    compare()

    peer = Peer.objects.get(name="points")
    assert peer.agreed_at == peer.compared_at
    assert peer.missing == 1


def test_a_side_that_lost_everything_is_sent_everything():
    ids = published(200)

    compare()

    assert waiting() == set(ids)


def test_a_large_difference_is_peeled_down_to_ids(monkeypatch):
    monkeypatch.setattr(comparison, "IDS_AT_MOST", 10)
    ids = published(100)
    acted_on(ids[:99])

    assert compare() >= 3

    assert waiting() == {ids[99]}


def test_what_waits_is_left_out_on_both_sides():
    acted_on(published(5, is_acknowledged=False)[:2])

    assert compare() == 1

    peer = Peer.objects.get(name="points")
    assert (peer.compared, peer.agreed_at == peer.compared_at) == (0, True)


def test_with_very_much_waiting_only_what_is_older_is_compared(monkeypatch):
    monkeypatch.setattr(comparison, "IDS_AT_MOST", 2)
    published(5, is_acknowledged=False)

    question = comparison.ask("points", hours=1, at=clock.machine_now() + LATER)

    assert len(question.waiting) == 2
    assert all(span.until < clock.machine_now() for span in question.spans)


def test_what_was_skipped_is_never_sent_again():
    (lost,) = published(1, is_acknowledged=False)
    OutboxMessage.objects.update(parked_at=clock.machine_now())
    attention.skip(lost, destination="points", reason="test", by="operator", at=clock.machine_now())

    compare()

    assert waiting() == set()
    assert SkippedMessage.objects.get().reason == "test"


def test_what_the_producer_does_not_remember_is_counted():
    acted_on(published(1))
    deleted = published(3)
    acted_on(deleted)
    PublishedMessage.objects.filter(message_id__in=deleted).delete()

    compare()

    assert Peer.objects.get(name="points").surplus == 3


def test_what_was_published_before_the_producer_began_to_remember_is_no_difference():
    acted_on([UUID(int=first_id_of(clock.machine_now() - timedelta(hours=1)).int + n) for n in range(3)])
    acted_on(published(1))

    compare()

    peer = Peer.objects.get(name="points")
    assert (peer.surplus, peer.compared) == (0, 1)
    assert peer.agreed_at == peer.compared_at


def test_a_service_that_published_nothing_yet_agrees():
    compare()

    peer = Peer.objects.get(name="points")
    assert (peer.compared, peer.agreed_at == peer.compared_at) == (0, True)


def test_what_is_too_young_is_not_compared():
    published(3)

    question = comparison.ask("points", hours=3, at=clock.machine_now())

    assert sum(span.count for span in question.spans) == 0


def test_only_what_was_published_to_this_consumer_is_compared():
    publish([SessionsRevoked(user_id=payment().payment_id, not_before=clock.machine_now())])
    publish([payment()])
    OutboxMessage.objects.all().delete()

    question = comparison.ask("auth", hours=1, at=clock.machine_now() + LATER)

    assert sum(span.count for span in question.spans) == 1


def test_answering_writes_nothing():
    published(3)
    question = comparison.ask("points", hours=3, at=clock.machine_now() + LATER)

    with nothing_written():
        comparison.answer(question)


def test_another_producers_messages_are_not_mistaken_for_ours():
    ids = published(2)
    envelopes = [envelope_of(payment(), message_id=one, producer="auth") for one in ids]
    _not_seen([Delivery(envelope, None) for envelope in envelopes], at=clock.machine_now())

    question = comparison.ask("points", hours=3, at=clock.machine_now() + LATER)

    assert question.producer == settings.SERVICE
    assert comparison.answer(question).spans
