"""Purchases earn by the rules of their own instant."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.budgets import queries as budgets
from points.earning.models import RuleSet
from points.earning.queries import MEMORY
from points.earning.rules import Schema, Type
from points.ledger.operations import merge_members
from points.programmes.queries import default_programme
from points.purchases.models import Purchase, PurchaseLine
from shared import clock
from shared.contracts.points import PointsEarned
from shared.contracts.rules import EarnedByRule
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, points_of, prove, take_back
from tests.judging_factories import BASE, PAPER, activate, buy_lines, counts
from tests.operations.payment_factories import DAY, paid, points_of_payments
from tests.rules.earning.factories import DOUBLE, SHOES, fixed, rule, rule_set

pytestmark = pytest.mark.django_db
FIRST = rule_set(BASE, rule("first", fixed(50), trigger="first_purchase"))


def points_by_line(payment_id: UUID) -> dict[str, tuple[int, int]]:
    found = PurchaseLine.objects.filter(payment_id=payment_id)
    return {line.line_id: (line.points, line.points_returned) for line in found}


def test_the_example_on_paper(me: UUID) -> None:
    version = activate(PAPER)

    bought = buy_lines(me)

    assert (bought.points, bought.rules_version) == (176, version)
    assert points_by_line(bought.payment_id) == {"1": (66, 0), "2": (10, 0)}
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    assert points_of(me) == (176, 0)
    prove()
    assert take_back(bought, {"1": 1}).points == 66
    assert (points_of(me), counts(me)) == ((110, 0), {("welcome", "uses", "ever"): 1})
    prove()
    assert take_back(bought).points == 110
    assert points_by_line(bought.payment_id) == {"1": (66, 66), "2": (10, 10)}
    assert (points_of(me), counts(me)) == ((0, 0), {("welcome", "uses", "ever"): 0})
    prove()
    assert buy_lines(me).points == 176


def test_the_second_purchase_has_no_welcome(me: UUID) -> None:
    activate(PAPER)
    buy_lines(me)

    assert buy_lines(me).points == 76
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    prove()


def test_what_an_earning_says_of_its_rules(me: UUID) -> None:
    version = activate(PAPER)
    buy_lines(me)
    buy_lines(me, {})

    (said, small) = (buy_lines(me, at=AT), published(PointsEarned)[0])

    assert said.points == 76
    assert small.rules == [
        EarnedByRule(id="base", version=version, points=43),
        EarnedByRule(id="double-shoes", version=version, points=33),
        EarnedByRule(id="welcome", version=version, points=100),
    ]
    assert sum(one.points for one in small.rules) == small.points


def test_without_rules_all_is_as_it_was(me: UUID) -> None:
    budgets.MEMORY.of(default_programme().id)
    with CaptureQueriesContext(connection) as before:
        plain = buy(me, {"1": (2, 2_000)})
    assert (plain.points, plain.rules_version) == (20, None)
    assert published(PointsEarned)[0].rules == []
    assert [one for one in before if "rule" in one["sql"].replace("rules_version", "").replace("rule_set", "")] == []


def test_a_late_purchase_earns_by_the_rules_of_its_own_instant(me: UUID) -> None:
    activate(rule_set(BASE), at=AT - 9 * DAY)
    activate(PAPER, at=AT - DAY)

    points = [buy_lines(me, occurred_at=AT - days * DAY).points for days in (10, 8, 2)]
    first, second = buy_lines(me, occurred_at=AT - DAY), buy_lines(me)

    assert points == [43, 43, 43]
    assert [(one.points, one.rules_version) for one in (first, second)] == [(176, 2), (76, 2)]
    versions = Purchase.objects.order_by("payment_id").values_list("rules_version", flat=True)
    assert list(versions) == [None, 1, 1, 2, 2]
    prove()


def test_a_recorded_purchase_told_twice_uses_a_limit_once(me: UUID) -> None:
    activate(PAPER)
    first = buy_lines(me, reference="order-1")

    with nothing_written():
        again = buy_lines(me, reference="order-1")

    assert again.payment_id == first.payment_id
    assert counts(me) == {("welcome", "uses", "ever"): 1}


def test_a_purchase_that_rules_give_nothing_is_noted_with_their_version(me: UUID) -> None:
    activate(rule_set(rule("web", fixed(5), condition={"field": "purchase.channel", "op": "eq", "value": "web"})))

    bought = buy_lines(me)

    assert (bought.points, bought.transaction_id, bought.rules_version, bought.no_points_reason) == (0, None, 1, None)
    assert buy_lines(me, channel="web").points == 5
    assert take_back(bought).points == 0
    prove()


def test_lines_that_only_the_member_vouches_for_meet_no_condition(me: UUID) -> None:
    said = {"channel": "web", "store": "s-1", "metadata": {"gift": True}}
    by_channel = [
        rule(name, fixed(points), condition={"field": f"purchase.{name}", "op": "exists", "value": True})
        for name, points in (("channel", 10), ("store", 20), ("amount", 40), ("merchant_id", 80))
    ]
    gift = rule("gift", fixed(160), condition={"field": "purchase.metadata.gift", "op": "eq", "value": True})
    schema = Schema(purchase_metadata={"gift": Type.BOOLEAN})
    activate(rule_set(rule("double-shoes", DOUBLE, lines=SHOES), BASE, *by_channel, gift), schema=schema)

    by_merchant, by_member = paid(me, 5_000, **said), paid(me, 5_000, lines_by="member", **said)

    assert points_of_payments(by_merchant, by_member) == [(100 + 310, None), (50 + 120, None)]
    prove()


def test_metadata_of_another_type_is_missing(me: UUID) -> None:
    asked = {"field": "purchase.metadata.boxes", "op": "gte", "value": 0}
    activate(
        rule_set(rule("boxes", fixed(7), condition=asked)), schema=Schema(purchase_metadata={"boxes": Type.INTEGER})
    )

    assert [buy_lines(me, metadata={"boxes": value}).points for value in (3, "3", True)] == [7, 0, 0]


def test_a_member_buys_first_once_whoever_they_were(me: UUID, other_member: Any) -> None:
    plain = buy(new := new_id(), {"1": (1, 1_000)})
    activate(FIRST)

    assert [buy_lines(one, {"1": ("a", 1, 1_000)}).points for one in (new, me, me)] == [10, 60, 10]
    take_back(plain)
    assert buy_lines(new, {"1": ("a", 1, 1_000)}).points == 10
    merge_members(from_member_id=me, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=AT)
    assert buy_lines(other_member.id, {"1": ("a", 1, 1_000)}).points == 10
    prove()


def test_points_of_rules_with_a_lifetime_of_their_own_end_by_it(me: UUID) -> None:
    lifetime = {"kind": "rolling", "count": 2, "unit": "day"}
    activate(rule_set(rule("base", BASE["effect"], lifetime=lifetime)))

    buy_lines(me)

    assert clock.iso(published(PointsEarned)[0].expires_at) == "2026-03-03T23:00:00Z"


def test_rules_are_asked_for_in_memory(me: UUID) -> None:
    activate(rule_set(BASE))
    buy_lines(me)
    RuleSet.objects.all()

    with CaptureQueriesContext(connection) as sent:
        buy_lines(me)

    assert [one["sql"] for one in sent if "rule_set" in one["sql"]] == []
    MEMORY.invalidate()
