"""Backtests of random rules are as the reference engine says, and those of then give what was earned."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from points.backtests import operations
from points.backtests.rules import Sums
from points.earning.queries import MEMORY
from points.purchases.models import Purchase as Bought
from points.purchases.models import ReturnRules
from points.purchases.rows import judgements
from points.purchases.rules.purchases import Purchase
from shared.testing.owner import as_owner
from tests.backtest_factories import backtested
from tests.factories import make_programme, take_back
from tests.judging_factories import activate, buy_lines
from tests.operations.test_rules_against_reference import can_come_back, cart_of, has_no_pieces, now
from tests.rules.earning.factories import AT
from tests.rules.earning.reference import Cart, earn
from tests.rules.earning.strategies import DAY, SCHEMA, documents

pytestmark = pytest.mark.django_db
ME, OTHER = UUID(int=1), UUID(int=2)
SPAN = {"starts_at": AT, "ends_at": AT + timedelta(days=60)}
ROUNDINGS = st.sampled_from(["floor", "half_up", "ceil"])
_LINES = st.dictionaries(
    st.sampled_from(["l0", "l1", "l2"]),
    st.tuples(st.sampled_from(["shoes", "books"]), st.integers(0, 3), st.sampled_from([0, 1, 33, 1_001, 3_333])),
    max_size=3,
)
_SAID = st.fixed_dictionaries({"channel": st.sampled_from(["", "a", "shoes"]), "store": st.sampled_from(["", "ab"])})
_PURCHASES = st.lists(
    st.tuples(st.sampled_from([ME, OTHER]), _LINES, _SAID, st.sampled_from([0, 999]), st.sampled_from([0, 1, 8])),
    min_size=1,
    max_size=6,
)
# A member in no segment has segments all the same: the field is always there.
OF_NO_SEGMENT = {
    "language": 1,
    "stacking": "all",
    "rules": [
        {
            "id": "r0",
            "name": "x",
            "trigger": "purchase",
            "effect": {"kind": "fixed", "points": 1},
            "condition": {"field": "member.segments", "op": "exists", "value": False},
        }
    ],
}
_HYPOTHESIS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def programme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "CHUNK", 2)
    make_programme(max_points_per_purchase=10**12)
    # What a transaction writes is not yet there for what it begins: the rows are those of before there was the column.
    as_owner("ALTER TABLE purchase ALTER xid DROP DEFAULT; ALTER TABLE purchase_return ALTER xid DROP DEFAULT")


def by_reference(document: dict[str, Any], carts: list[Cart], rounding: str) -> Counter[str]:
    """Return what each rule gives a member for these purchases, each counting after those before it."""
    uses: dict[tuple[str, str, str], int] = {}
    given = Counter[str]()
    for cart in carts:
        if has_no_pieces(cart):
            continue
        earned = earn(document, cart, uses, rounding)
        for (_, _, giver), points in earned.cells.items():
            given[giver] += points
        for name, count in earned.counted.items():
            uses[name] = uses.get(name, 0) + count
    return given


@_HYPOTHESIS
@given(documents(), _PURCHASES, ROUNDINGS)
@example(OF_NO_SEGMENT, [(ME, {}, {"channel": "", "store": ""}, 0, 0)], "floor")
def test_a_version_that_was_never_active_is_the_reference_model(
    document: dict[str, Any], told: list[Any], rounding: str
) -> None:
    with transaction.atomic():
        carts: dict[UUID, list[Cart]] = {ME: [], OTHER: []}
        days = 0
        for who, lines, said, rest, later in told:
            days += later
            cart = cart_of(dict(sorted(lines.items())), said, rest, is_first=not carts[who])
            cart.day = DAY + timedelta(days=days)
            carts[who].append(cart)
            buy_lines(who, lines, at=AT + timedelta(days=days, minutes=len(carts[who])), amount=cart.amount, **said)
        version = activate(document, at=SPAN["ends_at"], schema=SCHEMA, rounding=rounding)

        sums = backtested(version, **SPAN)

        by_member = {who: by_reference(document, those, rounding) for who, those in carts.items()}
        assert {name: one.points for name, one in sums.rules.items()} == dict(+(by_member[ME] + by_member[OTHER]))
        assert sums.points == sum(sum(given.values()) for given in by_member.values())
        assert sums.then == sum(Bought.objects.values_list("points", flat=True))
        transaction.set_rollback(True)
    MEMORY.invalidate()


@_HYPOTHESIS
@given(documents(), _PURCHASES, ROUNDINGS, st.data())
def test_the_version_of_then_is_what_was_earned(
    document: dict[str, Any], told: list[Any], rounding: str, data: st.DataObject
) -> None:
    with transaction.atomic():
        version = activate(document, at=SPAN["starts_at"], schema=SCHEMA, rounding=rounding)
        at, made = AT, list[Purchase]()
        for who, lines, said, rest, later in told:
            at += timedelta(days=later, minutes=1)
            amount = sum(cost for _, _, cost in lines.values()) + rest
            made.append(buy_lines(who, lines, at=at, amount=amount, **said))
            at = some_comes_back(data, made, at)

        sums = backtested(version, **SPAN)

        assert (sums.winners, sums.losers) == (0, 0)
        assert (sums.points, sums.returned) == (sums.then, sums.returned_then)
        assert {name: one.points for name, one in sums.rules.items()} == given_then(made)
        assert sums.returned == taken_then(sums)
        transaction.set_rollback(True)
    MEMORY.invalidate()


def some_comes_back(data: st.DataObject, made: list[Purchase], at: datetime) -> datetime:
    """Take something back of some of these purchases, a minute after each other; return when that was."""
    for bought in data.draw(st.lists(st.sampled_from(made), max_size=2)):
        at += timedelta(minutes=1)
        left = now(bought)
        money = data.draw(st.integers(0, left.left))
        if money:
            take_back(bought, amount=money, at=at)
        elif can_come_back(left):
            take_back(bought, at=at)
    return at


def given_then(made: list[Purchase]) -> dict[str, int]:
    """Return what each rule gave, by what was kept."""
    given = Counter[str]()
    for by_rules in judgements.read([one.payment_id for one in made]).values():
        given.update({one.rule_id: one.points for one in by_rules.outcome.rules})
    return dict(+given)


def taken_then(sums: Sums) -> int:
    """Return what returns took back, by what was kept, and see that it is of the same rules."""
    taken = Counter[str]()
    for kept in ReturnRules.objects.values_list("taken", flat=True):
        for one in kept["given"]:
            taken[one["rule_id"]] += one["points"]
    assert {name: one.returned for name, one in sums.rules.items() if one.returned} == dict(taken)
    return taken.total()
