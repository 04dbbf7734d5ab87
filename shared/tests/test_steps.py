"""The steps of a long job, done one after the other by one process; whatever happens, each has its effect once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from shared import clock
from shared.contracts.points import GenerateCodes
from shared.ids import new_id
from shared.messaging import inbox, steps
from shared.messaging.inbox import Handlers, each
from shared.messaging.lanes import Lane
from shared.messaging.models import InboxMessage, OutboxMessage, ToldMessage
from shared.messaging.sending import _claim
from shared.testing.messages import envelope_of
from tests.project.notes.models import Note
from tests.steps_of_a_job import JOB, LAST, done, receive

pytestmark = pytest.mark.django_db(transaction=True)


def do_step(said: GenerateCodes) -> None:
    """Note a step and ask for the one after it, until the last."""
    Note.objects.create(text=str(said.chunk))
    if said.chunk < LAST:
        steps.ask_for_next(GenerateCodes(job_id=JOB, chunk=said.chunk + 1), at=clock.now())


BY: Handlers = {GenerateCodes: each(do_step)}


@pytest.fixture(autouse=True)
def we_are_points(settings):
    settings.SERVICE = "points"


def test_who_did_a_step_does_the_next_ones():
    receive(by=BY)

    assert done() == ["0", "1", "2", "3"]
    assert not OutboxMessage.objects.exists()
    # Remembered like what arrived: told, and acted on.
    told = set(ToldMessage.objects.values_list("message_id", flat=True))
    assert len(told) == 3
    assert told < set(InboxMessage.objects.values_list("message_id", flat=True))


def test_each_step_belongs_to_the_journey_and_was_caused_by_the_one_before():
    first = new_id()
    receive(by=BY, message_id=first)

    found = list(ToldMessage.objects.order_by("message_id"))
    assert {one.correlation_id for one in found} == {"journey-0001"}
    assert [one.causation_id for one in found] == [str(first), *(str(one.message_id) for one in found[:-1])]


def test_a_step_that_nobody_did_is_brought_by_the_relay():
    with steps.turn():
        inbox.receive([envelope_of(GenerateCodes(job_id=JOB, chunk=0), producer="points")], BY)
        # Here the process dies.
    assert done() == ["0"]
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at - clock.now() <= steps.LATE

    assert _claim([("points", Lane.BULK)], at=clock.now(), limit=10) == []
    [[row]] = _claim([("points", Lane.BULK)], at=waiting.next_attempt_at, limit=10)
    receive(1, by=BY, message_id=row[3])
    assert done() == ["0", "1", "2", "3"]


def test_a_step_that_the_relay_brings_as_well_has_its_effect_once():
    receive(by=BY)
    second = ToldMessage.objects.order_by("message_id").values_list("message_id", flat=True)[0]

    assert receive(1, by=BY, message_id=second).done == [second]
    assert done() == ["0", "1", "2", "3"]


def test_a_step_that_fails_changes_nothing_and_is_due_at_once(caplog):
    def fail_at_two(said: GenerateCodes) -> None:
        do_step(said)
        if said.chunk == 2:
            raise ZeroDivisionError

    receive(by={GenerateCodes: each(fail_at_two)})

    assert done() == ["0", "1"]
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.now()
    assert waiting.failures == 0  # counted when it comes by the relay and fails there
    assert not InboxMessage.objects.filter(message_id=waiting.message_id).exists()
    assert "generate_codes" in caplog.text


def test_a_step_that_is_undone_asks_for_nothing():
    def undo(said: GenerateCodes) -> None:
        do_step(said)
        raise ZeroDivisionError

    assert list(receive(by={GenerateCodes: each(undo)}).failed.values()) == ["ZeroDivisionError()"]
    assert done() == []
    assert not OutboxMessage.objects.exists()


def test_others_have_their_turn_after_a_while(monkeypatch):
    monkeypatch.setattr(steps, "SECONDS", 0.0)
    receive(by=BY)

    assert done() == ["0"]
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.now()


def test_whoever_has_no_turn_tells_of_the_next_step_as_of_anything():
    with transaction.atomic():
        steps.ask_for_next(GenerateCodes(job_id=JOB, chunk=1), at=clock.now())
        assert not steps.is_mine_to_go_on()

    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.now() + timedelta(milliseconds=1)
    assert not connection.in_atomic_block
