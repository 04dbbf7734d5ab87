"""All roles that there are, each with an account, a token, and an address of its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tools.attack.line import Answer, Line
from tools.drills.client import Client
from tools.drills.waits import eventually, must
from tools.target import Native, make_operator

PASSWORD = "a long pass phrase for an attack"  # noqa: S105 - an account that lives for a run
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
TERMS = {"currency": "EUR", "timezone": "UTC", "earn_points": 1, "earn_amount": 100, "lot_days": 365}
ADJUSTMENT_LIMIT = 1_000
CARE = {"adjustment_limit": ADJUSTMENT_LIMIT, "unknown_members": "refuse"}
# A token is good for ten minutes.
SIGN_IN_AGAIN_SECONDS = 300.0


@dataclass
class Caller:
    """Somebody with a token, which is renewed before it expires."""

    url: str
    id: str = ""
    email: str = ""
    token: Callable[[], str] = field(default=lambda: "", repr=False)
    _line: Line | None = field(default=None, repr=False)
    _since: float = float("-inf")

    @property
    def line(self) -> Line:
        """A line with a good token."""
        if self._line is None or time.monotonic() - self._since > SIGN_IN_AGAIN_SECONDS:
            self._line, self._since = Line(self.url, self.token()), time.monotonic()
        return self._line

    def sign_in_again(self) -> None:
        """Get another token with the next request."""
        self._line = None


@dataclass(frozen=True)
class People:
    """Everybody; `roles` are those of the matrix, by the names of its columns.

    `programme` is the default one, in which purchases at any merchant earn; `careful` has four eyes, refuses
    members that it does not know, and lists the first merchant alone.
    """

    operator: Client
    programme: str
    careful: str
    merchant_id: str
    other_merchant_id: str
    roles: dict[str, Caller]

    def __getitem__(self, role: str) -> Caller:
        return self.roles[role]


def signed_in(url: str, email: str, password: str = PASSWORD) -> dict[str, str]:
    """Sign in and return the pair of tokens.

    :raises DrillFailed: it was refused.
    """
    answer = Line(url).post("auth/token", {"email": email, "password": password})
    must(answer.is_ok, f"{email} could not sign in: {answer.status} {answer.text[:200]}")
    return answer.body


def person(url: str, operator: Client, role: str = "", **more: str) -> Caller:
    """Register somebody new, whom the operator gives a role."""
    email = f"{role or 'member'}-{uuid4()}@example.com"
    found = Client(url).post("auth/register", {"email": email, "password": PASSWORD})["id"]
    if role:
        once_known(lambda: Line(url, _token_of(operator)).post(f"auth/users/{found}/roles", {"role": role, **more}))
    return Caller(url, found, email, lambda: signed_in(url, email)["access"])


def gather(target: Native) -> People:
    """Make two programmes, two merchants, and an account of each role."""
    make_operator(target)
    email, password = target.settings["OPERATOR_EMAIL"], target.settings["OPERATOR_PASSWORD"]
    operator, url = Client(target.url, email, password), target.url
    shop, other_shop = (operator.post("merchants", {"name": name})["id"] for name in ("The shop", "Another shop"))
    programme = operator.post("programmes", {"name": "Attacked", **TERMS, "merchants": None})["id"]
    careful = operator.post("programmes", {"name": "Careful", **TERMS, **CARE, "merchants": [shop]})["id"]
    roles = {
        "nobody": Caller(url),
        "member": person(url, operator),
        "other_member": person(url, operator),
        "merchant": person(url, operator, "merchant", merchant_id=shop),
        "other_merchant": person(url, operator, "merchant", merchant_id=other_shop),
        "merchant_client": client_of(url, operator, shop),
        "other_merchant_client": client_of(url, operator, other_shop),
        **{role: person(url, operator, role) for role in ("support", "finance", "analyst")},
        "operator": Caller(
            url, operator.get("auth/me")["id"], email, lambda: signed_in(url, email, password)["access"]
        ),
        "admin": person(url, operator, "admin"),
    }
    return People(operator, programme, careful, shop, other_shop, roles)


def client_of(url: str, operator: Client, merchant_id: str) -> Caller:
    """Make the service client of a merchant's own system."""
    return program(url, operator, {"name": "a till", "merchant_id": merchant_id})


def program(url: str, operator: Client, body: dict[str, Any]) -> Caller:
    """Make a service client."""
    made = once_known(lambda: Line(url, _token_of(operator)).post("auth/clients", body)).body
    form = {"grant_type": "client_credentials", "client_id": made["id"], "client_secret": made["secret"]}
    return Caller(
        url, made["id"], "", lambda: str(Line(url).ask("POST", "auth/oauth/token", data=form).body["access_token"])
    )


def _token_of(operator: Client) -> str:
    return signed_in(operator.url, operator.email, operator.password)["access"]


def once_known(ask: Callable[[], Answer]) -> Answer:
    """Return the first answer that is no "not yet": another service has to hear of a member or a merchant first.

    :raises DrillFailed: it was refused.
    """
    found: list[Answer] = []

    def asked() -> bool:
        found.append(ask())
        return found[-1].status != 409

    eventually(asked, "known", seconds=30)
    must(found[-1].is_ok, f"not made: {found[-1].status} {found[-1].text[:200]}")
    return found[-1]
