"""What is tried for a member takes what is known of them, but for what is said."""

from datetime import timedelta

import pytest

from points.earning import operations
from points.earning.queries import MEMORY
from points.earning.rules import Schema, Type
from points.ledger.operations import merge_members
from points.programmes.rules import Programme
from shared.clock import iso
from shared.testing.actors import Actor
from shared.testing.roles import OPERATOR
from tests.api.simulation_requests import CART, PATH, plaza, tried
from tests.factories import AT, buy
from tests.judging_factories import ONCE, buy_lines
from tests.rule_factories import activated
from tests.rules.earning.factories import PER_EURO, fixed, rule, rule_set
from tests.segment_factories import know, make_segment, name_attributes

__all__ = ["plaza"]  # fixtures
pytestmark = pytest.mark.django_db


def test_limits_are_as_the_member_used_them_unless_it_is_said_or_a_document_is_tried(
    operator: Actor, member: Actor, other_member: Actor, plaza: Programme
) -> None:
    limits = [{"of": "points", "most": 50, "per": "month"}]
    document = rule_set(rule("base", PER_EURO, limits=limits), rule("welcome", fixed(100), limits=ONCE))
    activated(plaza, document, at=AT - timedelta(days=40))
    mine, others = {"member_id": str(member.id)}, {"member_id": str(other_member.id)}
    assert tried(operator, **mine)["points"] == 143
    MEMORY.invalidate()
    buy_lines(member.id, occurred_at=AT)

    found = tried(operator, **mine)

    assert (found["points"], found["limits"]) == (7, "as_used")
    assert [(one["points"], one["trimmed"], one["why"]) for one in found["rules"]] == [(7, 36, None), (0, 0, "limit")]
    assert tried(operator, **mine, version=1)["points"] == 7
    # A month in which nothing was used, but the welcome is once for ever.
    assert tried(operator, **mine, at=iso(AT - timedelta(days=2)))["points"] == 43
    asked = ({}, others, mine | {"limits": "unused"}, mine | {"document": document})
    free = [tried(operator, **body) for body in asked]
    assert [(one["points"], one["limits"]) for one in free] == [
        (143, "unused"), (143, "as_used"), (143, "unused"), (143, "unused")
    ]  # fmt: skip
    assert tried(operator, **mine, document=document, limits="as_used")["points"] == 7
    reference = buy_lines(member.id, occurred_at=AT)
    assert reference.points == 7


def test_limits_of_a_merged_member_are_as_the_person_used_them(
    operator: Actor, member: Actor, other_member: Actor, plaza: Programme
) -> None:
    activated(plaza, rule_set(rule("welcome", fixed(100), limits=ONCE)), at=AT - timedelta(days=40))
    MEMORY.invalidate()
    buy_lines(member.id)
    merge_members(from_member_id=member.id, into_member_id=other_member.id, reason="r", actor_id=OPERATOR.id, at=AT)

    assert [tried(operator, member_id=str(one.id))["points"] for one in (member, other_member)] == [0, 0]


def test_what_is_said_of_a_member_is_taken(operator: Actor, plaza: Programme) -> None:
    schema = Schema(attributes={"size": ("s", "m"), "born": Type.DATE}, purchase_metadata={"gift": Type.BOOLEAN})
    operations.change_schema(plaza.id, schema, actor_id=OPERATOR.id, at=AT)
    asks = {
        "all": [
            {"field": "member.segments", "op": "has", "value": "vip"},
            {"field": "member.attributes.size", "op": "eq", "value": "m"},
            {"field": "member.attributes.born", "op": "lt", "value": "2000-01-02"},
            {"field": "purchase.metadata.gift", "op": "eq", "value": True},
        ]
    }
    document = rule_set(rule("all", fixed(9), condition=asks))
    said = {"segments": ["vip"], "attributes": {"size": "m", "born": "2000-01-01"}}

    assert tried(operator, document=document, purchase=CART | {"metadata": {"gift": True}}, **said)["points"] == 9
    assert tried(operator, document=document, **said)["points"] == 0


def test_whether_it_is_the_first_purchase_is_known_of_a_member(
    operator: Actor, member: Actor, plaza: Programme
) -> None:
    document = rule_set(rule("first", fixed(50), trigger="first_purchase"))
    first = {"document": document, "member_id": str(member.id)}
    assert tried(operator, document=document)["rules"][0]["why"] == "not_first_purchase"
    assert tried(operator, document=document, is_first_purchase=True)["points"] == 50
    assert tried(operator, **first)["points"] == 50

    buy(member.id, {"1": (1, 500)})

    assert tried(operator, **first)["points"] == 0
    assert tried(operator, **first, at="2026-01-01T00:00:00Z")["points"] == 50
    assert tried(operator, **first, is_first_purchase=True)["points"] == 50


def test_a_member_who_is_named_is_known_but_for_what_is_said(operator: Actor, member: Actor, plaza: Programme) -> None:
    name_attributes()
    make_segment("vip", None, member.id)
    know(member.id, city="Köln", birthday="1984-02-29")
    asked = {
        "all": [
            {"field": "member.segments", "op": "has", "value": "vip"},
            {"field": "member.attributes.city", "op": "eq", "value": "Köln"},
        ]
    }
    body = {
        "document": rule_set(rule("friends", fixed(5), condition=asked)),
        "purchase": {"amount": {"amount": 100, "currency": "EUR"}},
        "member_id": str(member.id),
    }

    found = [
        operator.post(PATH, body | said, key=None).json()["points"]
        for said in ({}, {"segments": []}, {"attributes": {}}, {"attributes": {"city": "Köln"}, "segments": ["vip"]})
    ]

    assert found == [5, 0, 0, 5]
