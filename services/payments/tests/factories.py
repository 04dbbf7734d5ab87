"""Makers of what tests need: a merchant, a wallet with money, the bodies of requests."""

from typing import Any
from uuid import UUID

from django.db.models import Sum

from payments.ledger.models import Account
from payments.merchants.models import Merchant
from payments.provider.rules import Card
from payments.wallets.models import Wallet
from payments.wallets.operations import begin_topup, charge_topup, open_wallet
from shared import clock
from shared.ids import new_id
from shared.money import Money
from shared.testing.actors import Actor
from shared.testing.roles import MERCHANT_ID

GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
LOST_ANSWER_CARD = "4000000000007007"
INTENTS = "/api/v1/payments/intents"


def make_merchant(merchant_id: UUID = MERCHANT_ID) -> Merchant:
    """Make a merchant; the tests' merchant role belongs to the default one."""
    return Merchant.objects.create(id=merchant_id, name="Corner Shop", created_at=clock.now())


def make_wallet(actor: Actor, *, amount: int = 0, currency: str = "EUR") -> Wallet:
    """Make a wallet that holds so much, topped up by a card."""
    at = clock.now()
    wallet = open_wallet(member_id=actor.id, currency=currency, at=at)
    if amount:
        money = Money(amount, currency)
        charge_topup(begin_topup(wallet, amount=money, card=CARD, at=at), card=CARD, at=at)
    return wallet


def make_payment(actor: Actor, amount: int = 12000, *, tender: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Pay the shop and return the intent as it is answered."""
    answer = actor.post(INTENTS, order(amount, tender=tender, **changes))
    assert answer.status_code == 201, answer.content
    return answer.json()


def card(number: str = GOOD_CARD, **changes: Any) -> dict[str, Any]:
    """Return a card as a request has it."""
    return {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123", **changes}


CARD = Card(**card())


def line(line_id: str = "1", *, quantity: int = 1, unit_amount: int = 12000) -> dict[str, Any]:
    """Return an order's line as a request has it."""
    return {
        "line_id": line_id,
        "sku": f"SKU-{line_id}",
        "category": "books",
        "quantity": quantity,
        "unit_amount": unit_amount,
    }


def order(amount: int = 12000, *, tender: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return the body of a payment intent, confirmed at once and paid from the wallet unless told otherwise."""
    return {
        "amount": {"amount": amount, "currency": "EUR"},
        "merchant_id": str(MERCHANT_ID),
        "order_id": f"order-{new_id()}",
        "lines": [line(unit_amount=amount)],
        "tenders": [tender or {"type": "wallet"}],
        "confirm": True,
        **changes,
    }


def by_card(number: str = GOOD_CARD) -> dict[str, Any]:
    """Return a card tender."""
    return {"type": "card", "card": card(number)}


def balance(kind: str, owner_id: UUID | None = None) -> int:
    """Return what the accounts of a kind hold, over all shards."""
    found = Account.objects.filter(kind=kind, **({"owner_id": owner_id} if owner_id else {}))
    return int(found.aggregate(sum=Sum("balance"))["sum"] or 0)
