"""Merchants, wallets, payments and refunds."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from clients.api import Api, ok

WALLETS, MERCHANTS = "/api/v1/wallets", "/api/v1/merchants"
INTENTS, REFUNDS = "/api/v1/payments/intents", "/api/v1/payments/refunds"
# The simulated network's: one that pays, one that is declined, one whose account is empty.
GOOD_CARD, DECLINED_CARD, EMPTY_CARD = "4242424242424242", "4000000000000002", "4000000000009995"


def eur(amount: int) -> dict[str, Any]:
    """Return so many cents."""
    return {"amount": amount, "currency": "EUR"}


def card(number: str = GOOD_CARD) -> dict[str, Any]:
    """Return a card as its holder types it."""
    return {"number": number, "exp_month": 12, "exp_year": 2099, "cvc": "123"}


def line(line_id: str, amount: int) -> dict[str, Any]:
    """Return a line of an order: one piece at this price."""
    return {"line_id": line_id, "sku": f"sku-{line_id}", "category": "books", "quantity": 1, "unit_amount": amount}


@dataclass(frozen=True)
class Payments:
    """The payments service as one caller uses it."""

    api: Api

    def make_merchant(self, name: str) -> dict[str, Any]:
        """Make a merchant."""
        made: dict[str, Any] = ok(self.api.post(MERCHANTS, {"name": name}), 201)
        return made

    def merchants(self) -> list[dict[str, Any]]:
        """Return the merchants that the caller may see."""
        return self._list(MERCHANTS)

    def merchant(self, merchant_id: str) -> dict[str, Any]:
        """Return a merchant."""
        return self._get(f"{MERCHANTS}/{merchant_id}")

    def wallet(self) -> dict[str, Any]:
        """Return the caller's wallet in EUR, opened now where there is none."""
        found: dict[str, Any] = ok(self.api.post(WALLETS, {"currency": "EUR"}), 201)
        return found

    def balance(self) -> int:
        """Return how many cents the caller's wallet holds."""
        return int(self.wallet()["balance"]["amount"])

    def wallets(self, **query: Any) -> list[dict[str, Any]]:
        """Return the wallets of the caller, or of the member who is named."""
        return self._list(WALLETS, **query)

    def read_wallet(self, wallet_id: str) -> dict[str, Any]:
        """Return a wallet."""
        return self._get(f"{WALLETS}/{wallet_id}")

    def entries(self) -> list[dict[str, Any]]:
        """Return the entries of the caller's wallet, the newest first."""
        return self._list(f"{WALLETS}/{self.wallet()['id']}/entries")

    def top_up(self, amount: int, number: str = GOOD_CARD) -> dict[str, Any]:
        """Put money from a card into the caller's wallet."""
        body = {"amount": eur(amount), "source": {"card": card(number)}}
        done: dict[str, Any] = ok(self.api.post(f"{WALLETS}/{self.wallet()['id']}/topups", body), 201)
        return done

    def pay(self, merchant_id: str, *lines: dict[str, Any], less: int = 0) -> dict[str, Any]:
        """Pay for these lines from the wallet, `less` what a voucher took off the only line."""
        body = intent(merchant_id, *lines, less=less)
        paid: dict[str, Any] = ok(self.api.post(INTENTS, {**body, "confirm": True}), 201)
        assert paid["status"] == "succeeded"
        return paid

    def intent(self, intent_id: str) -> dict[str, Any]:
        """Return a payment intent."""
        return self._get(f"{INTENTS}/{intent_id}")

    def intents(self, **query: Any) -> list[dict[str, Any]]:
        """Return the payment intents that the caller may see, the newest first."""
        return self._list(INTENTS, **query)

    def refund(self, intent_id: str, **what: Any) -> dict[str, Any]:
        """Give money back: `lines`, an `amount`, or all that is left."""
        done: dict[str, Any] = ok(self.api.post(f"{INTENTS}/{intent_id}/refunds", what), 201)
        return done

    def refunded(self, refund_id: str) -> dict[str, Any]:
        """Return a refund."""
        return self._get(f"{REFUNDS}/{refund_id}")

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.api.get(path))
        return found

    def _list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return self.api.listed(path, **query)


def intent(merchant_id: str, *lines: dict[str, Any], less: int = 0, tender: str = "wallet") -> dict[str, Any]:
    """Return the body of a payment intent for these lines; with a discount it names the amount only."""
    total = sum(one["unit_amount"] for one in lines) - less
    body = {"amount": eur(total), "merchant_id": merchant_id, "order_id": str(uuid4()), "tenders": [{"type": tender}]}
    return body if less else {**body, "lines": list(lines)}
