"""The chunks of a long job, done one after the other by one process; whatever happens, each has its effect once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from shared import clock
from shared.contracts.points import GenerateCodes
from shared.ids import new_id
from shared.jobs import slices
from shared.jobs.slices import enqueue_next, time_slice
from shared.messaging import inbox
from shared.messaging.inbox import Handlers, each
from shared.messaging.lanes import Lane
from shared.messaging.models import InboxMessage, OutboxMessage, PublishedMessage
from shared.messaging.sending import LATE, _claim
from shared.testing.messages import envelope_of
from tests.chunks_of_a_job import JOB, LAST, done, receive
from tests.project.notes.models import Note

pytestmark = pytest.mark.django_db(transaction=True)


def do_chunk(said: GenerateCodes) -> None:
    """Note a chunk and ask for the one after it, until the last."""
    Note.objects.create(text=str(said.chunk))
    if said.chunk < LAST:
        enqueue_next(GenerateCodes(job_id=JOB, chunk=said.chunk + 1), at=clock.now())


BY: Handlers = {GenerateCodes: each(do_chunk)}


@pytest.fixture(autouse=True)
def we_are_points(settings):
    settings.SERVICE = "points"


def test_who_did_a_chunk_does_the_next_ones():
    receive(by=BY)

    assert done() == ["0", "1", "2", "3"]
    assert not OutboxMessage.objects.exists()
    # Remembered like what arrived: published, and acted on.
    published = set(PublishedMessage.objects.values_list("message_id", flat=True))
    assert len(published) == 3
    assert published < set(InboxMessage.objects.values_list("message_id", flat=True))


def test_each_chunk_belongs_to_the_journey_and_was_caused_by_its_predecessor():
    first = new_id()
    receive(by=BY, message_id=first)

    found = list(PublishedMessage.objects.order_by("message_id"))
    assert {one.correlation_id for one in found} == {"journey-0001"}
    assert [one.causation_id for one in found] == [str(first), *(str(one.message_id) for one in found[:-1])]


def test_a_chunk_that_nobody_did_is_brought_by_the_relay():
    with time_slice():
        inbox.receive([envelope_of(GenerateCodes(job_id=JOB, chunk=0), producer="points")], BY)
        # Here the process dies.
    assert done() == ["0"]
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at - clock.now() <= LATE

    assert _claim([("points", Lane.BULK)], at=clock.now(), limit=10) == []
    [[row]] = _claim([("points", Lane.BULK)], at=waiting.next_attempt_at, limit=10)
    receive(1, by=BY, message_id=row[3])
    assert done() == ["0", "1", "2", "3"]


def test_a_chunk_that_the_relay_brings_as_well_has_its_effect_once():
    receive(by=BY)
    second = PublishedMessage.objects.order_by("message_id").values_list("message_id", flat=True)[0]

    assert receive(1, by=BY, message_id=second).done == [second]
    assert done() == ["0", "1", "2", "3"]


def test_a_chunk_that_fails_changes_nothing_and_is_due_at_once(caplog):
    def fail_at_two(said: GenerateCodes) -> None:
        do_chunk(said)
        if said.chunk == 2:
            raise ZeroDivisionError

    receive(by={GenerateCodes: each(fail_at_two)})

    assert done() == ["0", "1"]
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.now()
    assert waiting.failures == 0  # counted when it comes by the relay and fails there
    assert not InboxMessage.objects.filter(message_id=waiting.message_id).exists()
    assert "generate_codes" in caplog.text


def test_a_chunk_that_is_undone_enqueues_nothing():
    def undo(said: GenerateCodes) -> None:
        do_chunk(said)
        raise ZeroDivisionError

    assert list(receive(by={GenerateCodes: each(undo)}).failed.values()) == ["ZeroDivisionError()"]
    assert done() == []
    assert not OutboxMessage.objects.exists()


def test_others_have_their_turn_when_the_slice_is_over(monkeypatch):
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    receive(by=BY)

    assert done() == ["0"]
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.now()


def test_outside_a_time_slice_the_next_chunk_is_due_at_once():
    with transaction.atomic():
        enqueue_next(GenerateCodes(job_id=JOB, chunk=1), at=clock.now())

    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.now() + timedelta(milliseconds=1)
    assert not connection.in_atomic_block
