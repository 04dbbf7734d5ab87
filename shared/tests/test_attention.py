"""Parked messages: seen, sent again, or skipped for a reason that is kept."""

import json
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction

from shared import clock
from shared.db import execute
from shared.messaging import attention, journeys
from shared.messaging.models import OutboxMessage, SkippedMessage
from shared.messaging.outbox import publish
from shared.testing.messages import deliver, envelope_of
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from tests.test_messages import payment, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def parked() -> UUID:
    """A payment that the warehouse does not know, beside one that it has not reported on yet."""
    message_id, _ = publish([payment(), payment()])
    settle(unknown={message_id: "no handler"})
    return message_id


def output(capsys, *arguments: str) -> str:
    call_command("messages", *arguments)
    return capsys.readouterr().out


def test_a_parked_message_is_seen_with_its_reason(parked):
    (seen,) = attention.waiting()

    assert (seen.message_id, seen.destination, seen.last_error) == (parked, "warehouse", "no handler")


def test_what_waits_is_told_up_to_a_number_in_the_order_of_ids(parked):
    every = [(one.message_id, one.destination) for one in attention.waiting(parked_only=False)]
    first = [(one.message_id, one.destination) for one in attention.waiting(parked_only=False, limit=3)]

    assert (len(every), every) == (4, sorted(every))
    assert first == every[:3]


def test_each_destination_says_how_it_fares(parked):
    flow = {flow.destination: flow for flow in attention.flows(at=clock.machine_now())}["warehouse"]

    assert (flow.waiting, flow.parked, flow.compared_at) == (1, 1, None)
    assert flow.oldest_seconds >= 0
    assert (flow.bulk_waiting, flow.bulk_oldest_seconds) == (0, 0)


def test_what_waits_of_bulk_jobs_is_counted_apart(parked):
    OutboxMessage.objects.update(is_bulk=True)

    flow = {flow.destination: flow for flow in attention.flows(at=clock.machine_now())}["warehouse"]
    assert (flow.waiting, flow.oldest_seconds, flow.bulk_waiting, flow.parked) == (0, 0, 1, 1)
    assert flow.bulk_oldest_seconds >= 0


@pytest.mark.parametrize("is_bulk", [False, True])
def test_what_fails_again_and_again_is_counted_with_what_was_said_of_it(parked, is_bulk):
    OutboxMessage.objects.update(is_bulk=is_bulk, failures=attention.FAILING - 1, last_error="no room")
    assert {flow.failing for flow in attention.flows(at=clock.machine_now())} == {0}

    OutboxMessage.objects.filter(destination="warehouse").update(failures=attention.FAILING)

    flows = {flow.destination: flow for flow in attention.flows(at=clock.machine_now())}
    failing = {name: (flow.failing, flow.last_error) for name, flow in flows.items()}
    # What is parked is counted as that.
    assert failing.pop("warehouse") == (1, "no room")
    assert set(failing.values()) == {(0, "")}


def test_a_parked_message_is_sent_again(parked):
    assert attention.resend(ids=[parked], at=clock.machine_now()) == 1

    row = OutboxMessage.objects.get(message_id=parked, destination="warehouse")
    assert (row.parked_at, row.failures) == (None, 0)


def test_resending_touches_only_what_is_parked_and_named(parked):
    with nothing_written():
        assert attention.resend(ids=[payment().payment_id], at=clock.machine_now()) == 0
        assert attention.resend(destination="points", at=clock.machine_now()) == 0


def test_a_skipped_message_is_gone_and_remembered(parked):
    attention.skip(
        parked, destination="warehouse", reason="duplicate of the old system", by="operator", at=clock.machine_now()
    )

    assert not OutboxMessage.objects.filter(message_id=parked, destination="warehouse").exists()
    kept = SkippedMessage.objects.get()
    assert (kept.reason, kept.skipped_by, kept.last_error) == ("duplicate of the old system", "operator", "no handler")


def test_only_a_parked_message_is_skipped(parked):
    on_its_way = OutboxMessage.objects.filter(destination="warehouse").exclude(message_id=parked).get()

    with nothing_written(), pytest.raises(attention.MessageNotParked), transaction.atomic():
        attention.skip(
            on_its_way.message_id, destination="warehouse", reason="x", by="operator", at=clock.machine_now()
        )


def test_a_message_that_does_not_wait_cannot_be_skipped(parked):
    with nothing_written(), pytest.raises(attention.MessageNotWaiting), transaction.atomic():
        attention.skip(payment().payment_id, destination="warehouse", reason="x", by="operator", at=clock.machine_now())


@pytest.mark.parametrize("by", [execute, as_owner])
@pytest.mark.parametrize("change", ["DELETE FROM skipped_message", "UPDATE skipped_message SET reason = 'other'"])
def test_a_decision_cannot_be_changed_by_the_owner_either(parked, change, by):
    attention.skip(parked, destination="warehouse", reason="x", by="operator", at=clock.machine_now())

    refusal = "append-only" if by is as_owner else "permission denied"
    with nothing_written(), pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        by(change)


def test_the_command_shows_and_sends_again(parked, capsys):
    (shown,) = json.loads(output(capsys, "parked", "--json"))
    assert (shown["message_id"], shown["last_error"]) == (str(parked), "no handler")
    assert "no handler" in output(capsys, "parked")

    assert "1 messages are sent again" in output(capsys, "resend")
    assert output(capsys, "parked").strip() == "none"


def test_the_command_skips_for_a_reason(parked, capsys):
    with pytest.raises(CommandError):
        call_command("messages", "skip", str(parked), "--destination", "warehouse")
    with pytest.raises(CommandError, match="not parked"):
        call_command("messages", "skip", str(parked), "--destination", "points", "--reason", "x")

    output(capsys, "skip", str(parked), "--destination", "warehouse", "--reason", "published twice")

    assert "on the command line" in SkippedMessage.objects.get().skipped_by


def test_the_command_says_how_each_destination_fares(parked, capsys):
    found = json.loads(output(capsys, "status", "--json"))

    assert {flow["destination"]: flow["parked"] for flow in found}["warehouse"] == 1


def test_a_journey_is_shown_with_who_it_still_waits_for():
    from shared import context

    with context.caused_by(correlation="journey-77", causation=""):
        (message_id,) = publish([payment("traced")])
    settle(done=[message_id])
    deliver(envelope_of(payment("traced"), message_id=message_id))

    (published,) = journeys.published("journey-77")
    (received,) = journeys.received([message_id])

    assert (published.name, published.destinations, published.waits_for) == (
        "payment_captured",
        ["points", "warehouse"],
        ["points"],
    )
    assert (received.message_id, received.consumer) == (message_id, "points")


def test_the_trace_command_prints_this_services_part(capsys):
    (message_id,) = publish([payment()])
    call_command("trace", str(message_id))

    assert [one["name"] for one in json.loads(capsys.readouterr().out)["published"]] == ["payment_captured"]
