"""Many at once, with real threads: the last money, the same key, the same order, and refunds."""

from collections import Counter
from uuid import UUID

import pytest

from payments.intents.errors import NotAllowedNow
from payments.intents.models import PaymentIntent
from payments.intents.operations.cards import begin_card_confirmation
from payments.provider.models import ProviderCharge
from payments.provider.rules import Card
from shared import clock
from shared.contracts.payments import PaymentCaptured, PaymentRefunded
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.api.paths import INTENTS, WALLETS
from tests.factories import balance, by_card, card, line, make_payment, make_wallet, order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


def statuses(answers):
    return Counter(getattr(answer, "status_code", repr(answer)) for answer in answers)


def test_of_twenty_that_want_the_last_money_as_many_win_as_it_pays_for(member):
    make_wallet(member, amount=5000)

    answers = race(20, lambda _: member.post(INTENTS, order(1000)))

    assert statuses(answers) == {201: 5, 409: 15}
    assert (balance("wallet"), balance("merchant_pending")) == (0, 5000)
    assert len(published(PaymentCaptured)) == 5


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card()])
def test_one_key_fifty_times_at_once_is_one_payment(member, tender):
    make_wallet(member, amount=5000)
    body = order(1000, tender=tender)

    answers = race(50, lambda _: member.post(INTENTS, body, key="once"))

    assert set(statuses(answers)) <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency.in_progress"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert balance("merchant_pending") == 1000
    assert len(published(PaymentCaptured)) == 1


def test_one_order_under_many_keys_at_once_is_one_payment(member):
    make_wallet(member, amount=5000)

    answers = race(10, lambda _: member.post(INTENTS, order(1000, order_id="order-7")))

    assert statuses(answers) == {201: 1, 409: 9}
    assert balance("merchant_pending") == 1000


def test_many_intents_of_one_order_confirmed_at_once_are_one_payment(member):
    make_wallet(member, amount=50_000)
    paths = [
        f"{INTENTS}/{member.post(INTENTS, order(1000, order_id='o', confirm=False)).json()['id']}" for _ in range(8)
    ]
    tenders = [{"type": "wallet"}, by_card()]

    answers = race(8, lambda n: member.post(f"{paths[n]}/confirm", {"tenders": [tenders[n % 2]]}))

    assert statuses(answers) == {200: 1, 409: 7}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"payments.order_has_intent"}
    assert balance("merchant_pending") == 1000
    assert PaymentIntent.objects.filter(status="requires_confirmation").count() == 7


def test_one_intent_confirmed_many_ways_at_once_is_paid_once(member):
    make_wallet(member, amount=5000)
    intent = member.post(INTENTS, order(1000, confirm=False)).json()["id"]
    steps = [
        ("confirm", {"tenders": [{"type": "wallet"}]}),
        ("confirm", {"tenders": [by_card()]}),
        ("cancel", {}),
    ]

    answers = race(9, lambda n: member.post(f"{INTENTS}/{intent}/{steps[n % 3][0]}", steps[n % 3][1]))

    assert statuses(answers) == {200: 1, 409: 8}
    paid = PaymentIntent.objects.get().status == "succeeded"
    assert balance("merchant_pending") == (1000 if paid else 0)


def test_the_wallet_does_not_pay_while_a_card_attempt_is_under_way(member):
    make_wallet(member, amount=5000)
    intent = member.post(INTENTS, order(1000, confirm=False)).json()["id"]
    begin_card_confirmation(UUID(intent), card=Card(**card()), tendered=None, at=clock.now())

    answer = member.post(f"{INTENTS}/{intent}/confirm", {"tenders": [{"type": "wallet"}]})

    assert (answer.status_code, answer.json()["code"]) == (409, NotAllowedNow.code)
    assert balance("merchant_pending") == 0


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card()])
def test_refunds_at_once_never_give_back_more_than_was_paid(member, merchant, tender):
    make_wallet(member, amount=5000)
    intent = make_payment(member, 1000, tender=tender, lines=[line(quantity=10, unit_amount=100)])
    path = f"{INTENTS}/{intent['id']}/refunds"
    bodies = [{"amount": {"amount": 300, "currency": "EUR"}}, {"lines": [{"line_id": "1", "quantity": 2}]}]

    answers = race(12, lambda n: merchant.post(path, bodies[n % 2]))

    given = sum(answer.json()["amount"]["amount"] for answer in answers if answer.status_code == 201)
    assert set(statuses(answers)) == {201, 409}
    assert given <= 1000
    assert balance("merchant_pending") == 1000 - given
    assert sum(message.amount for message in published(PaymentRefunded)) == given
    assert max(message.refunded_total for message in published(PaymentRefunded)) == given


def test_many_members_pay_one_merchant_at_once_and_nobody_waits_in_a_ring(member, other_member, merchant):
    for actor in (member, other_member):
        make_wallet(actor, amount=5000)
    paid = [make_payment(actor, 100)["id"] for actor in (member, other_member) for _ in range(3)]

    def one(number: int):
        actor = (member, other_member)[number % 2]
        if number % 3:
            return actor.post(INTENTS, order(100))
        return merchant.post(f"{INTENTS}/{paid[number // 3]}/refunds")

    assert statuses(race(18, one)) == {201: 18}
    assert balance("merchant_pending") == 1200


def test_one_key_many_times_at_once_charges_a_topup_once(member):
    wallet = make_wallet(member)
    body = {"amount": {"amount": 700, "currency": "EUR"}, "source": {"card": card()}}

    answers = race(20, lambda _: member.post(f"{WALLETS}/{wallet.id}/topups", body, key="once"))

    assert set(statuses(answers)) <= {201, 409}
    assert ProviderCharge.objects.count() == 1
    assert balance("wallet") == 700


def test_a_wallet_opened_many_times_at_once_is_one(member):
    answers = race(10, lambda _: member.post(WALLETS, {"currency": "EUR"}))

    assert statuses(answers) == {201: 10}
    assert len({answer.json()["id"] for answer in answers}) == 1
