"""Killed at any instruction, and lost answers: every attempt ends once."""

from datetime import timedelta
from unittest.mock import Mock

import pytest

from payments.intents import rules
from payments.intents.models import PaymentAttempt, PaymentIntent, Refund
from payments.intents.operations.cards import begin_card_payment, charge_attempt, finish_attempt, resolve_attempts
from payments.intents.operations.refunds import begin_refund, resolve_refunds, send_refund
from payments.provider.errors import AnswerLost
from payments.provider.models import ProviderCharge, ProviderRefund
from payments.provider.operations import SimulatedProvider, provider
from payments.provider.protocol import Outcome
from payments.provider.rules import Card
from payments.wallets.models import Topup
from payments.wallets.operations import begin_topup, charge_topup, open_wallet, resolve_topups
from shared import clock
from shared.contracts.payments import PaymentCaptured, PaymentFailed, PaymentRefunded, WalletChanged
from shared.ids import new_id
from shared.money import Money
from shared.testing.messages import published
from shared.testing.roles import MERCHANT_ID
from tests.factories import CARD, LOST_ANSWER_CARD, balance, by_card, card, make_payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
LOST = Card(**card(LOST_ANSWER_CARD))


@pytest.fixture
def order(member):
    return rules.Order(MERCHANT_ID, member.id, str(new_id()), Money(900, "EUR"), (), {})


def resolve_all() -> int:
    at = clock.now() + timedelta(seconds=60)
    return sum(resolve(older_than=at, at=at) for resolve in (resolve_attempts, resolve_refunds, resolve_topups))


def test_killed_before_the_call_the_attempt_fails_and_no_late_charge_can_succeed(order):
    attempt_id = begin_card_payment(order, card=CARD, tendered=None, at=clock.now())

    assert resolve_all() == 1
    late = provider().charge(reference=attempt_id, amount=order.money, card=CARD, at=clock.now())

    assert late == Outcome(approved=False, decline_code="processing_error")
    assert PaymentIntent.objects.get().status == "failed"
    assert balance("merchant_pending") == 0
    assert [message.code for message in published(PaymentFailed)] == ["processing_error"]


def test_killed_after_the_call_the_attempt_succeeds_once(order):
    attempt_id = begin_card_payment(order, card=CARD, tendered=None, at=clock.now())
    provider().charge(reference=attempt_id, amount=order.money, card=CARD, at=clock.now())

    assert resolve_all() == 1
    assert resolve_all() == 0

    assert PaymentIntent.objects.get().status == "succeeded"
    assert balance("merchant_pending") == 900
    assert len(published(PaymentCaptured)) == 1


def test_a_lost_answer_is_no_failure_and_ends_captured_once(order):
    attempt_id = begin_card_payment(order, card=LOST, tendered=None, at=clock.now())

    assert charge_attempt(attempt_id, card=LOST, at=clock.now()).status == "processing"
    assert resolve_all() == 1

    assert PaymentIntent.objects.get().status == "succeeded"
    assert ProviderCharge.objects.get().amount == 900
    assert len(published(PaymentCaptured)) == 1


def test_a_repeat_of_the_call_takes_nothing_more(order):
    attempt_id = begin_card_payment(order, card=CARD, tendered=None, at=clock.now())
    provider().charge(reference=attempt_id, amount=order.money, card=CARD, at=clock.now())

    assert charge_attempt(attempt_id, card=CARD, at=clock.now()).status == "succeeded"
    assert charge_attempt(attempt_id, card=CARD, at=clock.now()).status == "succeeded"
    assert ProviderCharge.objects.count() == 1
    assert balance("clearing") == -900


def test_the_first_end_of_an_attempt_is_its_end(order):
    attempt_id = begin_card_payment(order, card=CARD, tendered=None, at=clock.now())
    resolve_all()

    finish_attempt(attempt_id, Outcome(approved=True), at=clock.now())

    assert PaymentAttempt.objects.get().status == "failed"
    assert balance("merchant_pending") == 0


def test_a_young_attempt_is_left_alone(order):
    begin_card_payment(order, card=CARD, tendered=None, at=clock.now())

    at = clock.now()
    assert resolve_attempts(older_than=at - timedelta(seconds=10), at=at) == 0
    assert PaymentIntent.objects.get().status == "processing"


def test_what_is_exactly_as_old_is_finished(order, member):
    at = clock.now()
    begin_card_payment(order, card=CARD, tendered=None, at=at)
    begin_topup(open_wallet(member_id=member.id, currency="EUR", at=at), amount=Money(500, "EUR"), card=CARD, at=at)
    before = at - timedelta(microseconds=1)

    assert [resolve(older_than=before, at=at) for resolve in (resolve_attempts, resolve_topups)] == [0, 0]
    assert [resolve(older_than=at, at=at) for resolve in (resolve_attempts, resolve_topups)] == [1, 1]


def test_a_topup_killed_before_the_call_gives_nothing(member):
    wallet = open_wallet(member_id=member.id, currency="EUR", at=clock.now())
    begin_topup(wallet, amount=Money(500, "EUR"), card=CARD, at=clock.now())

    assert resolve_all() == 1
    assert Topup.objects.get().decline_code == "processing_error"
    assert balance("wallet") == 0


def test_a_topup_whose_answer_was_lost_arrives_once(member):
    wallet = open_wallet(member_id=member.id, currency="EUR", at=clock.now())
    topup_id = begin_topup(wallet, amount=Money(500, "EUR"), card=LOST, at=clock.now())
    charge_topup(topup_id, card=LOST, at=clock.now())

    assert balance("wallet") == 0
    resolve_all()
    resolve_all()

    assert balance("wallet") == 500
    assert [message.amount for message in published(WalletChanged)] == [500]


@pytest.mark.parametrize("killed_after_the_call", [False, True])
def test_a_refund_killed_on_its_way_is_given_back_once(member, operator, killed_after_the_call):
    paid = make_payment(member, 900, tender=by_card())
    refund = begin_refund(
        paid["id"], amount=Money(400, "EUR"), quantities={}, reason="", requested_by=operator.id, at=clock.now()
    )
    if killed_after_the_call:
        charge = PaymentAttempt.objects.get().id
        provider().refund(reference=refund.id, charge=charge, amount=Money(400, "EUR"), at=clock.now())

    assert resolve_all() == 1
    assert resolve_all() == 0
    send_refund(refund.id, at=clock.now())

    assert Refund.objects.get().status == "succeeded"
    assert [r.amount for r in ProviderRefund.objects.all()] == [400]
    assert balance("merchant_pending") == 500
    assert [message.refunded_total for message in published(PaymentRefunded)] == [400]


def test_a_refund_whose_answer_is_lost_again_is_not_counted(member, operator, monkeypatch):
    paid, at = make_payment(member, 900, tender=by_card()), clock.now()
    asked = {"amount": Money(400, "EUR"), "quantities": {}, "reason": "", "requested_by": operator.id}
    refund = begin_refund(paid["id"], **asked, at=at)

    with monkeypatch.context() as patch:
        patch.setattr(SimulatedProvider, "refund", Mock(side_effect=AnswerLost("lost")))
        assert resolve_refunds(older_than=at, at=at) == 0

    assert Refund.objects.get(id=refund.id).status == "processing"
    assert resolve_refunds(older_than=at, at=at) == 1
