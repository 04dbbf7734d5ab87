"""Where rules ask for the tier, a list gives what each of it alone would have got: one moves the tier for the next."""

from typing import Any
from uuid import UUID

import pytest
import time_machine

from points.events import operations as events
from points.purchases.operations import Teller
from shared.testing.messages import deliver
from tests.event_factories import let_earn, on
from tests.event_factories import told as event
from tests.factories import AT, make_programme, points_of, prove
from tests.judging_factories import BASE, activate
from tests.messages.test_payments import captured
from tests.operations.test_lists_by_rules import one_by_one, recorded, told
from tests.rules.earning.factories import DOUBLE, rule, rule_set
from tests.tier_factories import changes, code, make_tiers

pytestmark = pytest.mark.django_db
IS_GOLD = {"field": "member.tier", "op": "eq", "value": "gold"}
TWICE_FOR_GOLD = rule_set(BASE, rule("gold", DOUBLE, condition=IS_GOLD))


@pytest.fixture
def me(member: Any) -> Any:
    make_programme(unknown_members="accept")
    with time_machine.travel(AT, tick=False):
        yield member.id


def gold_from(enter: int, metric: Any) -> None:
    make_tiers({"code": "gold", "name": "Gold", "enter": enter}, metric=metric)


@pytest.mark.parametrize(("metric", "enter"), [("points", 100), ("spend", 10_000), ("orders", 2)])
def test_a_purchase_of_a_list_knows_the_tier_that_those_before_it_gave(
    me: UUID, other_member: Any, metric: str, enter: int
) -> None:
    gold_from(enter, metric)
    activate(TWICE_FOR_GOLD)
    purchases = [
        told(me, "a", 6_000), told(other_member.id, "b", 9_000), told(me, "c", 7_000), told(me, "d", 1_000),
        told(other_member.id, "e", 2_000), told(me, "a", 6_000),
    ]  # fmt: skip
    expected = one_by_one(*purchases)

    assert recorded(*purchases) == expected
    assert [points for points, _ in expected] == [60, 90, 70, 20, 20, 60]
    prove()


def test_who_falls_out_of_a_list_gives_the_tier_to_nobody(me: UUID) -> None:
    gold_from(100, "points")
    activate(TWICE_FOR_GOLD)
    purchases = [told(me, "large", 10**12), told(me, "a", 6_000), told(me, "b", 1_000)]

    assert recorded(*purchases) == one_by_one(*purchases)
    assert points_of(me, at=AT) == (70, 0)
    prove()


@pytest.mark.parametrize("metric", ["points", "spend"])
def test_payments_earn_alike_however_they_are_packed(me: UUID, other_member: Any, metric: str) -> None:
    gold_from({"points": 500, "spend": 50_000}[metric], metric)
    activate(TWICE_FOR_GOLD)
    of_one = [captured(me, {"1": 60_000}, order_id=str(n)) for n in range(3)]

    deliver(*of_one)
    for n in range(3):
        deliver(captured(other_member.id, {"1": 60_000}, order_id=f"alone-{n}"))

    assert points_of(me, at=AT) == points_of(other_member.id, at=AT) == (600 + 1_200 + 1_200, 0)
    prove()


@pytest.mark.parametrize("metric", ["points", {"kind": "events", "name": "review"}])
def test_an_event_of_a_list_knows_the_tier_that_those_before_it_gave(me: UUID, metric: Any) -> None:
    let_earn(on("review", 10), on("gold", 5, IS_GOLD))
    gold_from(20 if metric == "points" else 2, metric)

    found = events.record_events([event(me, event_id=str(n)) for n in range(4)], teller=Teller(None), at=AT)

    assert [one.event.points for one in found] == [10, 10, 15, 15]
    assert (code(me), changes(me)) == ("gold", [(None, "gold", AT, "earned")])
    prove()
