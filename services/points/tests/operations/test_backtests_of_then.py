"""What rules asked then and there was not, is not there in a backtest either, whatever is known of the member today."""

from datetime import timedelta
from typing import Any

import pytest

from points.earning.rules import Schema
from tests.backtest_factories import backtested
from tests.event_factories import let_earn, on, tell
from tests.factories import AT, make_programme
from tests.judging_factories import BASE, activate, buy_lines
from tests.rules.earning.factories import DOUBLE, fixed, rule, rule_set
from tests.segment_factories import CITY, TYPES, know, name_attributes
from tests.tier_factories import SILVER, by_hand, code, make_tiers

pytestmark = pytest.mark.django_db(transaction=True)
IS_SILVER = {"field": "member.tier", "op": "eq", "value": "silver"}
TWICE_FOR_SILVER = rule_set(BASE, rule("silver", DOUBLE, condition=IS_SILVER))


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def test_the_purchases_by_which_a_member_came_to_a_tier_are_played_back_without_it(member: Any) -> None:
    make_tiers(SILVER)
    version = activate(TWICE_FOR_SILVER)
    for minute in range(4):
        buy_lines(member.id, at=AT + timedelta(minutes=minute))
    assert code(member.id, at=AT + timedelta(hours=1)) == "silver"

    sums = backtested(version)

    assert (sums.points, sums.then, sums.winners, sums.unsure) == (43 * 3 + 86, 43 * 3 + 86, 0, {})


def test_an_event_of_before_the_tier_is_played_back_without_it(member: Any) -> None:
    make_tiers(SILVER)
    version = let_earn(on("silver", 11, IS_SILVER), on("review", 5))
    tell(member.id)
    by_hand(member.id, "silver", at=AT + timedelta(hours=1))

    sums = backtested(version)

    assert (sums.points, sums.then, sums.unsure) == (5, 5, {})


def test_an_attribute_that_nobody_had_said_is_missing(member: Any) -> None:
    name_attributes()
    version = activate(rule_set(BASE, rule("local", fixed(50), condition=CITY)), schema=Schema(attributes=TYPES))
    buy_lines(member.id)
    know(member.id, city="Köln")

    sums = backtested(version)

    assert (sums.points, sums.then, sums.unsure) == (43, 43, {})


def test_what_no_rule_asked_then_is_what_is_known_today(member: Any) -> None:
    make_tiers(SILVER)
    activate(rule_set(BASE))
    buy_lines(member.id)
    by_hand(member.id, "silver", at=AT + timedelta(hours=1))
    version = activate(TWICE_FOR_SILVER, at=AT + timedelta(hours=2))

    sums = backtested(version)

    assert (sums.points, sums.then, sums.unsure) == (86, 43, {"member.tier": 1})
