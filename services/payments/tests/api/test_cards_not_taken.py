"""Without SANDBOX there is no card network: a test card would be money from nothing."""

from typing import Any

import pytest

from payments.intents.models import PaymentIntent
from payments.merchants.models import Merchant
from payments.wallets.models import Topup, Wallet
from shared.testing.actors import Actor
from tests.api.paths import INTENTS, WALLETS
from tests.factories import GOOD_CARD, balance, by_card, card, order

pytestmark = pytest.mark.django_db
EUR = {"amount": 5_000, "currency": "EUR"}


@pytest.fixture
def waiting(member: Actor, wallet: Wallet, shop: Merchant) -> str:
    """Return the path of an intent that waits, to be paid by card, made while there was a card network."""
    made = member.post(INTENTS, order(5_000, confirm=False, tender={"type": "card"}))
    assert made.status_code == 201
    return f"{INTENTS}/{made.json()['id']}"


@pytest.fixture(autouse=True)
def _no_sandbox(waiting: str, settings: Any) -> None:
    settings.SANDBOX = False


def is_refused(answer: Any) -> bool:
    return (answer.status_code, answer.json()["code"]) == (409, "payments.cards_not_taken")


def test_no_card_tops_a_wallet_up(member: Actor, wallet: Wallet) -> None:
    before = Topup.objects.count()

    assert is_refused(
        member.post(f"{WALLETS}/{wallet.id}/topups", {"amount": EUR, "source": {"card": card(GOOD_CARD)}})
    )

    assert Topup.objects.count() == before
    assert balance("wallet") == 50_000


@pytest.mark.parametrize(("tender", "confirm"), [(by_card(), True), ({"type": "card"}, False)])
def test_no_intent_is_made_for_a_card(member: Actor, tender: dict[str, Any], confirm: bool) -> None:
    before = PaymentIntent.objects.count()

    assert is_refused(member.post(INTENTS, order(5_000, order_id="by card", tender=tender, confirm=confirm)))

    assert PaymentIntent.objects.count() == before
    assert balance("merchant_pending") == 0


def test_no_card_pays_an_intent_that_waits(member: Actor, waiting: str) -> None:
    before = member.get(waiting).json()

    assert is_refused(member.post(f"{waiting}/confirm", {"tenders": [by_card()]}))

    assert member.get(waiting).json() == before
    assert balance("merchant_pending") == 0


def test_a_wallet_pays_as_before(member: Actor, waiting: str) -> None:
    answer = member.post(f"{waiting}/confirm", {"tenders": [{"type": "wallet"}]})

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert balance("merchant_pending") == 5_000
