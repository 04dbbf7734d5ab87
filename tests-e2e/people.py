"""The same few roles in every journey, each new: so journeys may run twice, and beside each other, on one stack."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from clients.api import Api
from clients.auth import Auth
from clients.budgets import Budgets
from clients.ledger import Ledger
from clients.payments import Payments
from clients.points import Points
from clients.rules import Rules
from clients.sandbox import Sandbox
from clients.segments import Segments
from clients.tiers import Tiers
from clients.vouchers import Vouchers
from clients.warehouse import Warehouse

PASSWORD = "correct horse battery staple"
# A token is good for ten minutes, and on a slow machine a run takes longer.
SIGN_IN_AGAIN_SECONDS = 300


@dataclass
class SignIn:
    """A token, and how to get the next one before it expires."""

    url: str
    token: Callable[[], str]
    api: Api = field(init=False)
    at: float = field(init=False, default=float("-inf"))

    def current(self) -> Api:
        """Return a line to the gateway with a token that has not expired."""
        if time.monotonic() - self.at > SIGN_IN_AGAIN_SECONDS:
            self.api, self.at = Api(self.url, self.token()), time.monotonic()
        return self.api


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, with a client for each service."""

    id: str
    sign_in: SignIn

    @property
    def api(self) -> Api:
        return self.sign_in.current()

    @property
    def auth(self) -> Auth:
        return Auth(self.api)

    @property
    def points(self) -> Points:
        return Points(self.api)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.api)

    @property
    def rules(self) -> Rules:
        return Rules(self.api)

    @property
    def budgets(self) -> Budgets:
        return Budgets(self.api)

    @property
    def segments(self) -> Segments:
        return Segments(self.api)

    @property
    def tiers(self) -> Tiers:
        return Tiers(self.api)

    @property
    def vouchers(self) -> Vouchers:
        return Vouchers(self.api)

    @property
    def payments(self) -> Payments:
        return Payments(self.api)

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(self.api)

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.api)


@dataclass(frozen=True)
class Merchant:
    """A merchant, and what its own system uses to act for it."""

    id: str
    system: Person


def signed_in(url: str, email: str, password: str) -> Person:
    """Sign in and return the person."""
    sign_in = SignIn(url, lambda: str(Auth(Api(url)).sign_in(email, password)["access"]))
    return Person(Auth(sign_in.current()).me()["id"], sign_in)


def new_member(url: str, *, money: int = 0) -> Person:
    """Register somebody new, sign in, and put so many cents into the wallet."""
    email = f"member-{uuid4()}@example.com"
    Auth(Api(url)).register(email, PASSWORD)
    member = signed_in(url, email, PASSWORD)
    if money:
        member.payments.top_up(money)
    return member


def new_person_with(url: str, role: str, operator: Person, **more: Any) -> Person:
    """Register somebody new whom the operator gives a role, and sign in."""
    email = f"{role}-{uuid4()}@example.com"
    made = Auth(Api(url)).register(email, PASSWORD)
    operator.auth.grant(made["id"], role, **more)
    return signed_in(url, email, PASSWORD)


def new_merchant(url: str, operator: Person) -> Merchant:
    """Make a merchant and the client of its system."""
    merchant: dict[str, Any] = operator.payments.make_merchant(f"Shop {uuid4()}")
    return Merchant(merchant["id"], new_program(url, operator, merchant["id"]))


def new_program(url: str, operator: Person, merchant_id: str, **more: Any) -> Person:
    """Make a client of a merchant's, with what merchants may do where no `scopes` are named."""
    client = operator.auth.make_client("the shop's till", merchant_id, **more)
    sign_in = SignIn(url, lambda: Auth(Api(url)).client_token(client["id"], client["secret"]))
    return Person(client["id"], sign_in)
