import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from shared import clock, context
from shared.contracts.base import Contract
from shared.contracts.payments import PaymentCaptured
from shared.contracts.vouchers import VoucherCampaignChanged
from shared.db import rows
from shared.ids import new_id
from shared.messaging import acks
from shared.messaging.inbox import receive
from shared.messaging.models import InboxMessage, OutboxMessage, PublishedMessage
from shared.messaging.outbox import Outgoing, OutsideTransaction, publish
from shared.messaging.purge import purge_inbox
from shared.testing.messages import deliver, envelope_of, published
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written, race
from shared.testing.reads import rows_read
from shared.tokens.models import Revocation
from shared.tokens.revocations import purge_notes, revoke_older_tokens
from tests.project.notes.models import Note

pytestmark = pytest.mark.django_db


def payment(order_id: str = "order-1") -> PaymentCaptured:
    return PaymentCaptured(
        payment_id=new_id(), order_id=order_id, merchant_id=new_id(), member_id=new_id(), amount=100,
        money_amount=100, currency="EUR", lines=[], tenders=[], captured_at=clock.now(),
    )  # fmt: skip


def campaign(name: str) -> VoucherCampaignChanged:
    return VoucherCampaignChanged(campaign_id=new_id(), name=name, kind="gift", status="active", changed_at=clock.now())


def notes() -> list[str]:
    return list(Note.objects.order_by("id").values_list("text", flat=True))


def test_a_message_waits_once_for_each_destination():
    publish([payment()])

    assert sorted(OutboxMessage.objects.values_list("destination", flat=True)) == ["points", "warehouse"]
    assert len(published(PaymentCaptured)) == 1


def test_a_message_leaves_with_the_change_that_is_undone():
    with transaction.atomic():
        publish([payment()])
        transaction.set_rollback(True)

    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_message_outside_a_transaction_is_refused():
    with pytest.raises(OutsideTransaction):
        publish([payment()])


def test_publishing_a_thousand_takes_no_round_trip_of_its_own(django_assert_num_queries):
    messages = [payment() for _ in range(1000)]

    with django_assert_num_queries(0):
        publish(messages)

    with django_assert_num_queries(1):
        assert OutboxMessage.objects.count() == 2000


def test_a_message_carries_its_journey_and_its_cause():
    with context.caused_by(correlation="journey-1", causation="cause-1"):
        publish([payment(), Outgoing(payment(), "journey-2", "cause-2")])

    found = set(PublishedMessage.objects.values_list("correlation_id", "causation_id"))
    assert found == {("journey-1", "cause-1"), ("journey-2", "cause-2")}


def test_a_message_has_its_effect():
    receipt = deliver(payment("order-1"))

    assert notes() == ["order-1"]
    assert len(receipt.done) == 1


def test_a_message_that_comes_twice_has_its_effect_once_and_is_reported_twice():
    envelope = envelope_of(payment())

    first, again = deliver(envelope), deliver(envelope)

    assert notes() == ["order-1"]
    assert first.done == again.done == [envelope.id]


def test_a_message_that_is_twice_in_one_pack_has_its_effect_once():
    envelope = envelope_of(payment())

    deliver(envelope, envelope)

    assert notes() == ["order-1"]


def test_one_poisonous_message_fails_alone():
    good, bad, better = envelope_of(payment("a")), envelope_of(payment("poison")), envelope_of(payment("b"))

    receipt = deliver(good, bad, better)

    assert notes() == ["a", "b"]
    assert receipt.done == [good.id, better.id]
    assert "ZeroDivisionError" in receipt.failed[bad.id]
    assert not InboxMessage.objects.filter(message_id=bad.id).exists()


def test_a_message_that_is_too_early_fails_and_may_come_again():
    early = envelope_of(payment("early"))

    assert list(deliver(early).failed) == [early.id]
    assert InboxMessage.objects.count() == 0


def test_a_message_that_nobody_knows_is_reported_as_such():
    import msgspec

    strange = msgspec.structs.replace(envelope_of(payment()), name="never_heard_of")

    with nothing_written():
        receipt = deliver(strange)

    assert "never_heard_of" in receipt.unknown[strange.id]


def test_a_newer_producer_may_add_fields():
    import msgspec

    envelope = envelope_of(payment("newer"))
    newer = msgspec.structs.replace(envelope, payload={**envelope.payload, "added_later": {"x": 1}})

    deliver(newer)

    assert notes() == ["newer"]


def test_who_takes_every_message_gets_also_what_it_cannot_read():
    import msgspec

    taken = []
    strange = msgspec.structs.replace(envelope_of(payment()), name="never_heard_of")

    receipt = receive([strange], {Contract: taken.extend})

    assert [delivery.id for delivery in taken] == receipt.done == [strange.id]


@pytest.mark.django_db(transaction=True)
def test_a_hundred_copies_at_once_have_one_effect():
    envelope = envelope_of(payment())

    receipts = race(20, lambda _: [deliver(envelope) for _ in range(5)])

    assert notes() == ["order-1"]
    assert all(receipt.done == [envelope.id] for group in receipts for receipt in group)


@pytest.mark.django_db(transaction=True)
def test_packs_that_lock_in_a_ring_are_tried_again_as_packs(caplog):
    """Two packs that take the same two locks in opposite order: one gives way, and both have their effect."""
    met = threading.Barrier(2)

    def handle(deliveries, order, turns):
        for number, note in enumerate(order):
            rows("SELECT pg_advisory_xact_lock(%s)", [note])
            if number == 0 and not turns:
                turns.append(1)
                met.wait(timeout=20)
        Note.objects.create(text=deliveries[0].message.order_id)

    def run(position):
        order, turns = ([1, 2], [2, 1])[position], []
        return receive(
            [envelope_of(payment(f"pack-{position}-{n}")) for n in range(2)],
            {PaymentCaptured: lambda deliveries: handle(deliveries, order, turns)},
        )

    receipts = race(2, run)

    assert [len(receipt.done) for receipt in receipts] == [2, 2]
    assert sorted(notes()) == ["pack-0-0", "pack-1-0"]
    assert "gave way" in caplog.text
    assert "one by one" not in caplog.text


def waiting() -> OutboxMessage:
    publish([payment()])
    return OutboxMessage.objects.get(destination="warehouse")


def settle(**report: object) -> None:
    acks.settle(
        **{"consumer": "warehouse", "done": [], "failed": {}, "unknown": {}, "at": clock.machine_now(), **report}
    )


def test_a_row_leaves_when_its_consumer_has_committed():
    message = waiting()

    settle(done=[message.message_id])

    assert list(OutboxMessage.objects.values_list("destination", flat=True)) == ["points"]


def test_a_report_reads_what_it_is_about_also_by_plans_made_while_the_outbox_was_short():
    publish([payment() for _ in range(5)])
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        as_owner("ANALYZE outbox")
        first, second = publish([payment(), payment()])
        report_on(first)  # makes the plans
        publish([payment() for _ in range(2000)])
        with rows_read("outbox") as read:
            report_on(second)

    assert read() <= 50


def report_on(message_id: UUID) -> None:
    settle(failed={message_id: "not yet"})
    settle(unknown={message_id: "no handler"})
    settle(done=[message_id])


def test_a_failed_message_is_put_off_twice_as_long_each_time():
    message, at = waiting(), clock.machine_now()

    delays = []
    for _ in range(3):
        settle(failed={message.message_id: "boom"}, at=at)
        message.refresh_from_db()
        delays.append(round((message.next_attempt_at - at).total_seconds()))

    assert delays == [1, 2, 4]
    assert (message.failures, message.last_error, message.parked_at) == (3, "boom", None)


def test_a_message_that_keeps_failing_is_parked(settings):
    settings.MESSAGE_MAX_FAILURES = 2
    message = waiting()

    settle(failed={message.message_id: "boom"})
    settle(failed={message.message_id: "boom"})

    message.refresh_from_db()
    assert message.parked_at is not None


def test_an_unknown_message_is_parked_at_once():
    message = waiting()

    settle(unknown={message.message_id: "no handler"})

    message.refresh_from_db()
    assert (message.parked_at is not None, message.last_error) == (True, "no handler")


def test_a_late_report_changes_nothing():
    message = waiting()
    settle(done=[message.message_id])

    with nothing_written():
        settle(done=[message.message_id], failed={message.message_id: "late"})


def test_old_inbox_rows_are_purged_and_young_ones_stay():
    deliver(payment("old"))
    InboxMessage.objects.update(received_at=clock.machine_now() - timedelta(days=31))
    deliver(payment("young"))

    assert purge_inbox(at=clock.machine_now()) == 1
    assert InboxMessage.objects.count() == 1


def test_revoked_sessions_close_the_door_at_once(member):
    assert member.get("/notes").status_code == 200
    token_time = clock.machine_now()
    response_client = member._client()

    revoke_older_tokens(revoked=[(member.id, token_time)])

    assert response_client.get("/notes").status_code == 401


def test_an_older_revocation_never_opens_a_door_again(member):
    now = clock.machine_now()
    revoke_older_tokens(revoked=[(member.id, now)])
    revoke_older_tokens(revoked=[(member.id, now - timedelta(hours=1))])

    assert Revocation.objects.get().not_before == now


def test_notes_that_no_token_can_be_older_than_are_purged(member):
    revoke_older_tokens(revoked=[(member.id, clock.machine_now() - timedelta(hours=1))])

    assert purge_notes(at=clock.machine_now()) == 1
