"""The stack that is measured and the people who use it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from bench.requests import ID, Request
from tools.demo.caller import Caller, sign_in, wait_for
from tools.drills.databases import Databases
from tools.make_env import write_env
from tools.stack import cli
from tools.stack.layout import ROOT, State
from tools.target import Native, make_operator

MEMBERS = 48
PASSWORD = "a long pass phrase for a benchmark"  # noqa: S105 - an account that lives for a benchmark
API = "/api/v1"
_TIERS = {
    "metric": "points",
    "window": {"kind": "calendar", "month": 1},
    "tiers": [
        {"code": "basic", "name": "Basic", "enter": 0},
        {"code": "gold", "name": "Gold", "enter": 10_000},
    ],
}
UNLIMITED = "\nRATE_PER_ADDRESS=1000000r/s\nSIGN_IN_RATE_PER_ADDRESS=1000r/s\n"


@contextmanager
def stack() -> Iterator[Native]:
    """Yield the native stack of `$STACK_STATE` where that runs, else one of its own under .run/bench.

    :raises SystemExit: it did not start.
    """
    state = State(ROOT / ".run/bench")
    if "STACK_STATE" in os.environ and cli.is_up(State.default()):
        yield Native()
        return
    state.make()
    if write_env(state.env_file):
        state.env_file.write_text(state.env_file.read_text() + UNLIMITED)
    try:
        if cli.up(state):
            raise SystemExit("the stack did not start")
        yield Native(state)
    finally:
        cli.down(state)


@dataclass(frozen=True)
class Stage:
    """What every row needs: an operator, a merchant, and members with points and money."""

    url: str
    operator: Caller
    members: tuple[Caller, ...]
    ids: tuple[str, ...]
    emails: tuple[str, ...]
    merchant: str

    def signed_in_again(self, target: Native) -> "Stage":
        """Return the same people with new tokens: one is good for ten minutes, and the rows take longer."""
        members = tuple(sign_in(self.url, "member", email, PASSWORD)[0] for email in self.emails)
        return replace(self, operator=_operator(target), members=members)

    def earn(self) -> list[Request]:
        body = {"points": 1, "reason": "bench"}
        return [self._post("points/earnings", {**body, "member_id": who}, self.operator) for who in self.ids]

    def redeem(self) -> list[Request]:
        body = {"points": 1, "reason": "bench"}
        return [self._post("points/redemptions", body, member) for member in self.members]

    def pay(self) -> list[Request]:
        price = {"amount": 100, "currency": "EUR"}
        body = {"amount": price, "merchant_id": self.merchant, "order_id": ID, "confirm": True}
        wallet = {"tenders": [{"type": "wallet"}]}
        return [self._post("payments/intents", {**body, **wallet}, member) for member in self.members]

    def balance(self) -> list[Request]:
        return [Request("GET", f"{API}/points/balance", token=member.token) for member in self.members]

    def purchase(self, rules: int, budget: str = "") -> list[Request]:
        """Record purchases in a new programme that has so many active rules, and a budget of each `member`, or for
        `all`."""
        programme = by_rules(self.operator, rules)
        if budget:
            self._budget(programme, {} if budget == "all" else {"each": budget})
        return self._purchases(programme)

    def in_tiers(self, *, asked: bool = True) -> list[Request]:
        """Record purchases in a new programme with tiers, whose rule asks for them or does not."""
        condition = {"field": "member.tier", "op": "in", "value": ["basic", "gold"]} if asked else None
        return self._purchases(by_rules(self.operator, 1, tiers=_TIERS, condition=condition))

    def _purchases(self, programme: str) -> list[Request]:
        price = {"amount": 5_000, "currency": "EUR"}
        lines = [
            {"line_id": name, "category": name, "quantity": 1, "amount": 2_500} for name in ("shoes", "category-42")
        ]
        body = {"programme": programme, "purchase_id": ID, "amount": price, "lines": lines, "channel": "till"}
        return [self._post("points/purchases", {**body, "member_id": who}, self.operator) for who in self.ids]

    def _budget(self, programme: str, each: dict[str, str]) -> None:
        body = {"code": "bench", "name": "Bench", "of": "points", "most": 10**12, "per": "day"}
        self.operator.post(f"{API}/programmes/{programme}/budgets", body | each)

    def _post(self, path: str, body: object, who: Caller) -> Request:
        return Request("POST", f"{API}/{path}", body, who.token)


def by_rules(
    operator: Caller, rules: int, *, tiers: dict[str, Any] | None = None, condition: dict[str, Any] | None = None
) -> str:
    """Make a programme that earns by so many rules: one for everything, which may have a condition, and campaigns, each
    of a category, of which a purchase meets few; every fifth is limited."""
    terms = {"currency": "EUR", "timezone": "UTC", "lot_days": 365, "merchants": None}
    programme = str(operator.post(f"{API}/programmes", {"name": f"{rules} rules", **terms}).value["id"])
    base = {"kind": "per_amount", "points": 1, "amount": 100}
    found: list[dict[str, Any]] = [{"id": "base", "name": "base", "trigger": "purchase", "effect": base}]
    if tiers:
        operator.put(f"{API}/programmes/{programme}/tiers", {"document": tiers})
    if condition:
        found[0]["condition"] = condition
    found += [_campaign(number) for number in range(1, rules)]
    path = f"{API}/programmes/{programme}/rules"
    made = operator.post(path, {"document": {"language": 1, "stacking": "all", "rules": found}})
    operator.post(f"{path}/{made.value['version']}/activate", {}, expect=200)
    return programme


def _campaign(number: int) -> dict[str, Any]:
    leaves = [
        {"field": "purchase.channel", "op": "eq", "value": "till"},
        {"field": "purchase.amount", "op": "gte", "value": 100 * number},
        {"field": "time.weekday", "op": "in", "value": ["monday", "tuesday", "saturday", "sunday"]},
    ]
    limits = [] if number % 5 else [{"of": "points", "most": 500_000, "per": "month"}]
    return {
        "id": f"campaign-{number}",
        "name": f"Campaign {number}",
        "trigger": "purchase",
        "condition": {"all": leaves},
        "lines": {"field": "line.category", "op": "eq", "value": f"category-{number}"},
        "effect": {"kind": "multiplier", "hundredths": 200},
        "limits": limits,
    }


NOOP_POST = [Request("POST", f"{API}/bench/noop", {"points": 1, "reason": "bench"})]
NOOP_GET = [Request("GET", f"{API}/bench/noop")]


def set_up(target: Native) -> Stage:
    """Make the people; where the stack has no programme yet, one as well."""
    make_operator(target)
    operator = _operator(target)
    programmes = operator.get(f"{API}/programmes", page_size=200).value["results"]
    merchant = operator.post(f"{API}/merchants", {"name": "Bench"}).value["id"]
    if default := next((programme for programme in programmes if programme["is_default"]), None):
        if default["merchants"] is not None:
            listed = [*default["merchants"], merchant]
            operator.patch(f"{API}/programmes/{default['id']}", {"merchants": listed})
    else:
        terms = {"currency": "EUR", "timezone": "UTC", "lot_days": 365, "merchants": [merchant]}
        operator.post(f"{API}/programmes", {"name": "Bench", **terms})
    people = [_member(target.url, operator) for _ in range(MEMBERS)]
    members, ids, emails = zip(*people, strict=True)
    return Stage(target.url, operator, members, ids, emails, merchant)


def drained(target: Native) -> None:
    """Wait until every message is carried, so that what is measured next pays for its own ones only."""
    databases = Databases(target)

    def waiting() -> int:
        return sum(databases.waiting(name) for name in ("auth", "points", "payments"))

    wait_for(waiting, 0, "messages that wait", seconds=120)


def _operator(target: Native) -> Caller:
    settings = target.settings
    return sign_in(target.url, "operator", settings["OPERATOR_EMAIL"], settings["OPERATOR_PASSWORD"])[0]


def _member(url: str, operator: Caller) -> tuple[Caller, str, str]:
    email = f"bench-{uuid4()}@example.com"
    who = Caller(url, "member").post(f"{API}/auth/register", {"email": email, "password": PASSWORD}).value["id"]
    member, _ = sign_in(url, "member", email, PASSWORD)
    wallet = member.post(f"{API}/wallets", {"currency": "EUR"}).value["id"]
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
    money = {"amount": 10**9, "currency": "EUR"}
    member.post(f"{API}/wallets/{wallet}/topups", {"amount": money, "source": {"card": card}})
    operator.post(f"{API}/points/adjustments", {"member_id": who, "points": 10**9, "reason": "bench"})
    return member, str(who), email
