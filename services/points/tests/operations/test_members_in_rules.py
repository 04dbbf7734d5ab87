"""Rules ask what a programme knows of a member when the purchase is judged, and the explanation keeps it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.earning.rules import Schema, Type
from points.ledger.operations import merge_members
from points.programmes.queries import default_programme
from points.purchases import operations
from points.purchases.explanations import explain_purchase
from points.purchases.models import PurchaseRules
from points.purchases.rules.purchases import Purchase
from points.segments.operations import change_members, delete_segment
from shared.ids import new_id
from tests.factories import AT, make_programme, prove, take_back
from tests.judging_factories import BASE, activate, buy_lines
from tests.operations.payment_factories import paid, points_of_payments
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import CITY, TYPES, know, make_segment, name_attributes

pytestmark = pytest.mark.django_db
VIP = {"field": "member.segments", "op": "has", "value": "vip"}
LOCAL = {"field": "member.segments", "op": "has", "value": "local"}
BORN = {"field": "member.attributes.birthday", "op": "lt", "value": "1990-01-01"}
TAGGED = {"field": "member.attributes.tags", "op": "has", "value": "new"}
RULES = rule_set(
    rule("vips", fixed(100), condition=VIP),
    rule("locals", fixed(30), condition=LOCAL),
    rule("born", fixed(7), condition=BORN),
    rule("tagged", fixed(2), condition=TAGGED),
)
READ = ("FROM member_attributes", "FROM segment ", "FROM segment_member")
SCHEMA = Schema(attributes=TYPES)
ALL = {"city": "Köln", "birthday": "1984-02-29", "tags": ["new"]}


@pytest.fixture(autouse=True)
def programme() -> Any:
    made = make_programme()
    name_attributes()
    make_segment("vip")
    make_segment("local", CITY)
    return made


def listed(member_id: UUID) -> None:
    change_members(default_programme().id, "vip", add=[member_id], remove=[], actor_id=new_id(), at=AT)


def known(purchase: Purchase) -> dict[str, Any]:
    found: dict[str, Any] = PurchaseRules.objects.get(payment_id=purchase.payment_id).known
    return found


def met(purchase: Purchase) -> dict[str, bool]:
    found = explain_purchase(purchase.payment_id)
    assert found
    return {outcome.rule_id: outcome.is_met for _, outcome, _ in found.judged.rules}


def test_a_purchase_knows_its_member(member: Any) -> None:
    activate(RULES, schema=SCHEMA)
    know(member.id, **ALL)
    listed(member.id)

    bought = buy_lines(member.id)

    assert bought.points == 139
    assert known(bought) == {
        "member.segments": ["local", "vip"],
        "member.attributes.birthday": "1984-02-29",
        "member.attributes.tags": ["new"],
        "member.attributes_version": 1,
    }
    prove()


def test_of_whom_nothing_is_known_is_in_no_segment(member: Any) -> None:
    activate(RULES, schema=SCHEMA)

    bought = buy_lines(member.id, amount=4_334)

    assert (bought.points, known(bought)) == (0, {"member.segments": [], "member.attributes_version": 0})


def test_an_explanation_has_what_was_there_then(member: Any) -> None:
    activate(RULES, schema=SCHEMA)
    know(member.id, **ALL)
    listed(member.id)
    bought = buy_lines(member.id)

    know(member.id)
    name_attributes(TYPES | {"tags": Type.TEXTS, "children": Type.TEXT})

    found = explain_purchase(bought.payment_id)
    assert found
    assert found.attributes_version == 1
    assert met(bought) == {"vips": True, "locals": True, "born": True, "tagged": True}
    conditions = {rule.id: why.condition for rule, _, why in found.judged.rules}
    assert conditions["born"]
    assert conditions["tagged"]
    assert (conditions["born"].found, conditions["tagged"].found) == (date(1984, 2, 29), ("new",))  # type: ignore[union-attr]
    take_back(bought)
    prove()


def test_payments_in_a_list_each_know_their_own(member: Any, other_member: Any) -> None:
    activate(RULES, schema=SCHEMA)
    know(member.id, city="Köln")
    listed(other_member.id)
    stranger = new_id()

    found = points_of_payments(paid(member.id), paid(other_member.id), paid(stranger))

    assert [points for points, _ in found] == [30, 100, 0]


def test_what_no_rule_asks_is_not_looked_up(member: Any) -> None:
    activate(rule_set(BASE))
    know(member.id, **ALL)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        bought = buy_lines(member.id)

    assert known(bought) == {}
    assert [one["sql"] for one in asked if any(name in one["sql"] for name in READ)] == []


def test_a_list_is_looked_up_in_as_many_statements_as_one(member: Any, other_member: Any) -> None:
    activate(RULES, schema=SCHEMA)
    payments = [paid(who) for who in (member.id, other_member.id, new_id(), new_id())]
    counts = []
    for some in (payments[:1], payments[1:]):
        with CaptureQueriesContext(connection) as asked:
            operations.earn_purchases(some, at=AT)
        counts.append(sum(any(name in one["sql"] for name in READ) for one in asked))

    assert counts == [3, 3]


def test_a_value_that_rules_know_by_another_type_is_missing(member: Any) -> None:
    born = {"field": "member.attributes.birthday", "op": "exists", "value": True}
    activate(rule_set(rule("born", fixed(7), condition=born)), schema=SCHEMA)
    name_attributes(TYPES | {"birthday": Type.TEXT})
    know(member.id, birthday="1984-02-29")

    bought = buy_lines(member.id, amount=4_334)

    assert (bought.points, known(bought)) == (0, {"member.attributes_version": 1})


def test_who_was_merged_is_known_as_who_they_are_now(member: Any, other_member: Any) -> None:
    activate(RULES, schema=SCHEMA)
    know(member.id, **ALL)
    listed(member.id)
    know(other_member.id, birthday="1984-02-29")
    who = {"from_member_id": member.id, "into_member_id": other_member.id}
    merge_members(**who, reason="same", actor_id=new_id(), at=AT)

    assert points_of_payments(paid(member.id)) == [(7, None)]


def test_a_segment_that_is_gone_is_nobodys(member: Any) -> None:
    activate(RULES, schema=SCHEMA, retires_at=AT, retired_by=new_id())
    know(member.id, city="Köln")
    delete_segment(default_programme().id, "local", actor_id=new_id(), at=AT)

    late = buy_lines(member.id, occurred_at=AT.replace(hour=11), amount=4_334)

    assert (late.points, known(late)["member.segments"]) == (0, [])
