"""Random rules, budgets, purchases and returns on several days: no more is given than budgets have, and what comes back
can be again.

What rules would give comes from the reference engine; rules have no limits here, since what these count is what budgets
left.
"""

from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.budgets import queries as budgets
from points.budgets.models import Budget
from points.earning.queries import MEMORY
from points.programmes.queries import MEMORY as PROGRAMMES
from points.purchases.rows import judgements
from points.purchases.rules.purchases import Purchase
from tests.budget_factories import MERCHANT, OTHER_MERCHANT, all_used, make_budget, published_uses, used
from tests.factories import make_programme, prove
from tests.judging_factories import activate, buy_lines
from tests.operations.test_rules_against_reference import can_come_back, cart_of, has_no_pieces, take_all_back
from tests.rules.earning.reference import Cart, earn
from tests.rules.earning.strategies import DAY, SCHEMA, documents

pytestmark = pytest.mark.django_db
ZONES = ["Europe/Berlin", "Pacific/Tongatapu", "Pacific/Pago_Pago"]
MEMBERS, MERCHANTS = [UUID(int=5), UUID(int=6)], [MERCHANT, OTHER_MERCHANT]
# The last instant of a month, and the first one of the next; also of a day after, and of a week.
INSTANT = timedelta(microseconds=1)
MIDNIGHTS = [DAY.replace(day=day) for day in (1, 7, 9)]
WHEN = [datetime.combine(day, time()) - before for day in MIDNIGHTS for before in (INSTANT, 0 * INSTANT)]
# A point is worth less than a cent.
VALUE = {"value_points": 3, "value_amount": 2}


class Bought(NamedTuple):
    """A purchase that is told: `when` it happened in the programme's zone; `merchant` may be none."""

    lines: dict[str, tuple[str, int, int]]
    said: dict[str, str]
    rest: int
    when: datetime
    member: UUID
    merchant: UUID | None

    def cart(self, *, is_first: bool) -> Cart:
        """Return it as the reference engine takes it."""
        found = cart_of(self.lines, self.said, self.rest, is_first=is_first)
        found.day, found.hour = self.when.date(), self.when.hour
        found.values |= {"purchase.merchant_id": str(self.merchant)} if self.merchant else {}
        return found


_LINES = st.dictionaries(
    st.sampled_from(["l0", "l1", "l2"]),
    st.tuples(st.sampled_from(["shoes", "books"]), st.integers(0, 3), st.sampled_from([0, 1, 33, 1_001, 3_333])),
    max_size=3,
)
_SAID = st.fixed_dictionaries({"channel": st.sampled_from(["", "a"]), "store": st.sampled_from(["", "ab"])})
_BOUGHT = st.builds(
    Bought,
    _LINES,
    _SAID,
    st.sampled_from([0, 0, 999]),
    # Mostly of two instants, so that purchases meet in a period, and one beside it.
    st.one_of(st.sampled_from(WHEN[:2]), st.sampled_from(WHEN)),
    st.sampled_from(MEMBERS),
    st.sampled_from([*MERCHANTS, None]),
)
_BUDGETS = st.lists(
    st.fixed_dictionaries(
        {
            "rule_id": st.sampled_from([None, "r0", "r1", "r2"]),
            "of": st.sampled_from(["points", "points", "money", "uses"]),
            "most": st.sampled_from([1, 2, 7, 40, 200]),
            "per": st.sampled_from(["day", "week", "month", "ever"]),
            "each": st.sampled_from([None, None, "merchant", "member"]),
            "beyond": st.sampled_from(["trim", "refuse"]),
        }
    ),
    min_size=1,
    max_size=3,
)


def place(budget: Budget, one: Bought) -> tuple[str, str] | None:
    """Return where a budget counts a purchase: by the period of its day, and by whose it is."""
    form = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "ever": "ever"}[budget.per]
    whose = {None: "", "merchant": one.merchant, "member": one.member}[budget.each]
    return None if whose is None else (one.when.strftime(form), str(whose))


def allowed(budget: Budget, counted: int, points: int) -> int:
    """Return what a budget of which so much is used gives of points."""
    if budget.of == "uses":
        return points if counted < budget.most else 0
    # Money: as many points as cost no more.
    most = budget.most * VALUE["value_points"] // VALUE["value_amount"] if budget.of == "money" else budget.most
    return points if points <= most - counted else most - counted if budget.beyond == "trim" else 0


class World:
    """A programme with rules and budgets, and what is used of these by purchases that did not come back."""

    def __init__(self, document: dict[str, Any], said: list[dict[str, Any]], rounding: str, timezone: str) -> None:
        self.document, self.rounding, self.zone = document, rounding, ZoneInfo(timezone)
        self.now = self.instant(WHEN[-1])
        make_programme(max_points_per_purchase=10**12, timezone=timezone, **VALUE)
        activate(document, at=self.instant(WHEN[0]) - timedelta(days=1), schema=SCHEMA, rounding=rounding)
        names = {None, *(one["id"] for one in document["rules"])}
        there = [one for one in said if one["rule_id"] in names]
        self.budgets = [make_budget(code=f"b{number}", **one) for number, one in enumerate(there)]
        self.counted: dict[Any, int] = defaultdict(int)
        self.seen: set[UUID] = set()

    def instant(self, when: datetime) -> datetime:
        return when.replace(tzinfo=self.zone)

    def expected(self, one: Bought) -> int:
        """Return what a purchase earns: each rule what its own budgets leave, and all what those of all leave them."""
        cart = one.cart(is_first=one.member not in self.seen)
        if has_no_pieces(cart):
            return 0
        given_by = Counter[str | None]()
        for (_, _, giver), points in earn(self.document, cart, {}, self.rounding).cells.items():
            given_by[giver] += points
        ours = [(budget, at) for budget in self.budgets if (at := place(budget, one))]
        for budget, at in ours:
            if budget.rule_id:
                given_by[budget.rule_id] = allowed(budget, self.counted[budget.id, at], given_by[budget.rule_id])
        total = given_by.total()
        for budget, at in ours:
            total = total if budget.rule_id else allowed(budget, self.counted[budget.id, at], total)
        return total

    def buy(self, one: Bought) -> Purchase:
        points, amount = self.expected(one), one.cart(is_first=False).amount
        at = {"at": self.now, "occurred_at": self.instant(one.when)}
        made = buy_lines(one.member, one.lines, amount=amount, merchant_id=one.merchant, **at, **one.said)
        assert made.points == points
        self.seen.add(one.member)
        self.count(made, one, 1)
        return made

    def take_back(self, data: st.DataObject, made: Purchase, one: Bought) -> None:
        if can_come_back(made):
            take_all_back(data, made, at=self.now)
            self.count(made, one, -1)

    def count(self, made: Purchase, one: Bought, sign: int) -> None:
        for budget in self.budgets:
            if at := place(budget, one):
                self.counted[budget.id, at] += sign * use_of(made, budget)

    def check(self) -> None:
        found = {(budget.id, at): count for budget in self.budgets for at, count in used(budget).items() if count}
        assert found == {key: count for key, count in self.counted.items() if count}
        assert published_uses() == all_used()
        prove()


def use_of(bought: Purchase, budget: Budget) -> int:
    """Return what a purchase used of a budget, by what was kept of its rules."""
    kept = judgements.read([bought.payment_id]).get(bought.payment_id)
    points = sum(one.points for one in (kept.outcome.rules if kept else ()) if budget.rule_id in (None, one.rule_id))
    return min(points, 1) if budget.of == "uses" else points


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    documents(),
    st.lists(_BOUGHT, min_size=1, max_size=5),
    _BUDGETS,
    st.sampled_from(["floor", "half_up", "ceil"]),
    st.sampled_from(ZONES),
    st.data(),
)
def test_budgets_hold_and_are_given_back(
    document: dict[str, Any], told: list[Bought], said: list[dict[str, Any]], rounding: str, timezone: str,
    data: st.DataObject,
) -> None:  # fmt: skip
    for one in document["rules"]:
        one["limits"] = []
    with transaction.atomic():
        world = World(document, said, rounding, timezone)
        made = list[tuple[Purchase, Bought]]()
        for bought in told:
            made.append((world.buy(bought), bought))
            if data.draw(st.booleans()):
                world.take_back(data, *made.pop(data.draw(st.integers(0, len(made) - 1))))
        world.check()

        for one, bought in data.draw(st.permutations(made)):
            world.take_back(data, one, bought)
        world.check()
        transaction.set_rollback(True)
    for memory in (PROGRAMMES, MEMORY, budgets.MEMORY):
        memory.invalidate()
