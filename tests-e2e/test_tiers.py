"""A programme has tiers, a member comes to them and leaves them, and rules give by them."""

from uuid import uuid4

import pytest
from clients.api import refused
from clients.ledger import purchase
from clients.points import POINTS
from clients.rules import rule, rule_set
from clients.tiers import overrides_of, tiers_document, tiers_of
from people import Merchant, Person

TIERS = tiers_document(("silver", 100), ("gold", 500))
IS_GOLD = {"field": "member.tier", "op": "eq", "value": "gold"}
pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture
def programme(operator: Person) -> str:
    """A programme with two tiers, whose gold members earn double."""
    made = str(operator.points.make_programme(f"Tiers {uuid4()}")["id"])
    operator.tiers.replace(made, TIERS)
    base = rule("base", {"kind": "per_amount", "points": 1, "amount": 100})
    double = rule("gold", {"kind": "multiplier", "hundredths": 200}, condition=IS_GOLD)
    operator.rules.activate(made, operator.rules.draft(made, rule_set(base, double))["version"])
    return made


def test_a_member_becomes_gold_earns_double_and_is_not_gold_once_the_goods_are_back(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    said = member.tiers.said(programme)
    assert (said["version"], said["document"]["tiers"][1]["enter"]) == (1, 500)
    assert member.tiers.one(programme=programme)["tier"] is None

    first = merchant.system.ledger.record(purchase(member.id, ("sofa", 1, 60_000), programme=programme))
    gold = member.tiers.one(programme=programme)
    assert (first["points"], gold["tier"]["code"], gold["cause"], gold["progress"]) == (600, "gold", "earned", 600)
    second = merchant.system.ledger.record(purchase(member.id, ("lamp", 1, 1_000), programme=programme))
    assert second["points"] == 20

    for one in (first, second):
        merchant.system.ledger.give_back(one["id"])
    assert operator.tiers.one(member_id=member.id, programme=programme)["tier"] is None
    changes = member.tiers.changes(programme=programme)
    assert [(one["before"], one["after"], one["cause"]) for one in changes] == [
        ("gold", None, "taken_back"),
        (None, "gold", "earned"),
    ]


def test_a_tier_is_the_members_own(member: Person, other_member: Person, operator: Person, programme: str) -> None:
    for path in (f"{POINTS}/tier", f"{POINTS}/tier/changes"):
        refused(other_member.api.get(path, member_id=member.id, programme=programme), 404)
    refused(member.api.send("PUT", tiers_of(programme), json={"document": TIERS}), 403)
    wrong = operator.api.send("PUT", tiers_of(programme), json={"document": tiers_document(("gold", 500))})
    refused(wrong, 400, "tiers.invalid")


def test_an_operator_gives_a_tier_by_hand_and_ends_it(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    given = operator.tiers.give(member.id, "gold", programme=programme)
    found = member.tiers.one(programme=programme)
    assert (found["tier"]["code"], found["cause"], found["override"]) == ("gold", "override", {"until": None})
    double = merchant.system.ledger.record(purchase(member.id, ("lamp", 1, 10_000), programme=programme))
    assert double["points"] == 200

    ended = operator.tiers.end(programme, given["id"])
    assert (ended["reason"], ended["created_by"], ended["ended_by"]) == (given["reason"], operator.id, operator.id)
    assert operator.tiers.given(programme) == [ended]
    assert member.tiers.one(programme=programme)["tier"]["code"] == "silver"
    changes = member.tiers.changes(programme=programme)
    assert [(one["before"], one["after"], one["cause"], one["reference"]) for one in changes] == [
        ("gold", "silver", "override_ended", given["id"]),
        (None, "gold", "override", given["id"]),
    ]
    refused(member.api.post(overrides_of(programme), {"member_id": member.id, "tier": "gold", "reason": "me"}), 403)
    refused(member.api.get(overrides_of(programme)), 403)


def test_a_member_brings_a_tier_from_elsewhere(member: Person, operator: Person, programme: str) -> None:
    wrong = {"member_id": member.id, "tier": "platinum"}
    [refusal, brought] = operator.tiers.bring(programme, wrong, {"member_id": member.id, "tier": "gold"})
    assert (refusal["error"]["code"], brought["status"]) == ("tiers.unknown", "given")

    found = member.tiers.one(programme=programme)
    assert (found["tier"]["code"], found["cause"], found["progress"]) == ("gold", "imported", 0)
    assert member.tiers.one(programme=programme, at=found["since"])["tier"]["code"] == "gold"
