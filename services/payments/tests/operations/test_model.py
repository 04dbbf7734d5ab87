"""Random payments, refunds and top-ups against a model that is a handful of numbers."""

from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.books.proofs import differences
from payments.intents import rules
from payments.intents.errors import NothingToRefund, RefundExceedsPayment
from payments.intents.operations.cards import begin_card_payment, charge_attempt
from payments.intents.operations.intents import pay_from_wallet
from payments.intents.operations.refunds import begin_refund, refund_to_wallet, send_refund
from payments.ledger.errors import InsufficientFunds
from payments.provider.rules import Card
from payments.wallets.rules import wallet_id_of
from shared import clock
from shared.ids import new_id
from shared.money import Money
from shared.testing.actors import Actor
from shared.testing.roles import MEMBER
from tests.factories import CARD, DECLINED_CARD, balance, card, make_merchant, make_wallet

steps = st.lists(
    st.one_of(
        st.tuples(st.just("topup"), st.integers(1, 500)),
        st.tuples(st.sampled_from(["wallet", "card", "declined"]), st.integers(1, 300)),
        st.tuples(st.just("refund"), st.integers(0, 5), st.one_of(st.none(), st.integers(1, 200))),
    ),
    max_size=15,
)


class Model:
    """What should be in the wallet, with the merchant and at the card network."""

    def __init__(self) -> None:
        self.member = Actor(replace(MEMBER, id=new_id()))
        self.shop = make_merchant(new_id()).id
        self.wallet = self.merchant = self.network = 0
        self.clearing_before = balance("clearing")
        self.payments: list[tuple[object, str, int]] = []

    def topup(self, amount: int) -> None:
        make_wallet(self.member, amount=amount)
        self.wallet += amount
        self.network += amount

    def pay(self, means: str, amount: int) -> None:
        order = rules.Order(self.shop, self.member.id, str(new_id()), Money(amount, "EUR"), (), {})
        if means == "wallet":
            self._pay_from_wallet(order, amount)
            return
        used = CARD if means == "card" else Card(**card(DECLINED_CARD))
        attempt = begin_card_payment(order, card=used, tendered=None, at=clock.now())
        charged = charge_attempt(attempt, card=used, at=clock.now())
        assert charged.status == ("succeeded" if means == "card" else "failed")
        if means == "card":
            self.merchant += amount
            self.network += amount
            self.payments.append((charged.intent_id, means, amount))

    def _pay_from_wallet(self, order: rules.Order, amount: int) -> None:
        try:
            with transaction.atomic():
                paid = pay_from_wallet(order, tendered=None, at=clock.now())
        except InsufficientFunds:
            assert amount > self.wallet
            return
        self.wallet -= amount
        self.merchant += amount
        self.payments.append((paid.row.id, "wallet", amount))

    def refund(self, position: int, amount: int | None) -> None:
        if position >= len(self.payments):
            return
        intent_id, means, left = self.payments[position]
        command = {"quantities": {}, "reason": "", "requested_by": MEMBER.id, "at": clock.now()}
        try:
            with transaction.atomic():
                begin = refund_to_wallet if means == "wallet" else begin_refund
                refund = begin(intent_id, amount=amount and Money(amount, "EUR"), **command)
        except (NothingToRefund, RefundExceedsPayment):
            assert not left or (amount or 0) > left
            return
        send_refund(refund.id, at=clock.now())
        self._refunded(position, amount or left)

    def _refunded(self, position: int, amount: int) -> None:
        intent_id, means, left = self.payments[position]
        self.payments[position] = (intent_id, means, left - amount)
        self.merchant -= amount
        if means == "wallet":
            self.wallet += amount
        else:
            self.network -= amount


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_ledger_does_what_a_handful_of_numbers_does(commands):
    # Each example has a member and a merchant of its own: a rollback between would need a transaction around
    # the calls to the card network, which these refuse.
    model = Model()
    for kind, *values in commands:
        if kind == "topup":
            model.topup(*values)
        elif kind == "refund":
            model.refund(*values)
        else:
            model.pay(kind, *values)
        assert balance("wallet", wallet_id_of(model.member.id, "EUR")) == model.wallet
        assert balance("merchant_pending", model.shop) == model.merchant
        assert balance("clearing") - model.clearing_before == -model.network
    assert differences() == []
