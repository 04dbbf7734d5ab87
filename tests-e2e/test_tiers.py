"""A programme has tiers, a member comes to them and leaves them, and rules give by them."""

from typing import Any
from uuid import uuid4

import pytest
from clients.api import refused
from clients.ledger import purchase
from clients.points import POINTS
from clients.rules import rule, rule_set
from clients.tiers import overrides_of, tiers_document, tiers_of
from eventually import eventually
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


def test_a_member_becomes_gold_by_what_was_bought_and_is_not_gold_once_it_is_back(
    operator: Person, member: Person, merchant: Merchant
) -> None:
    spend = str(operator.points.make_programme(f"Spend {uuid4()}")["id"])
    operator.tiers.replace(spend, tiers_document(("gold", 500), metric="spend"))
    bought = [merchant.system.ledger.record(purchase(member.id, ("pen", 1, 250), programme=spend)) for _ in range(2)]
    gold = member.tiers.one(programme=spend)
    assert (gold["tier"]["code"], gold["metric"], gold["progress"]) == ("gold", "spend", 500)

    merchant.system.ledger.give_back(bought[0]["id"])
    assert member.tiers.one(programme=spend)["tier"] is None
    found = [(one["cause"], one["reference"]) for one in member.tiers.changes(programme=spend)]
    assert (found[0][0], found[1]) == ("taken_back", ("earned", bought[1]["id"]))


def test_a_tier_is_the_members_own(member: Person, other_member: Person, operator: Person, programme: str) -> None:
    for path in (f"{POINTS}/tier", f"{POINTS}/tier/changes"):
        refused(other_member.api.get(path, member_id=member.id, programme=programme), 404)
    refused(member.api.send("PUT", tiers_of(programme), json={"document": TIERS}), 403)
    wrong = operator.api.send("PUT", tiers_of(programme), json={"document": tiers_document(("gold", 500))})
    refused(wrong, 400, "tiers.invalid")


def test_an_operator_gives_a_tier_by_hand_and_ends_it(
    operator: Person, analyst: Person, member: Person, merchant: Merchant, programme: str
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
    _is_known_to_the_warehouse(analyst, programme, changes)


def _is_known_to_the_warehouse(analyst: Person, programme: str, changes: list[dict[str, Any]]) -> None:
    """The warehouse counts the changes that points has, which way they went, and who is where by them."""
    names = ("before", "after", "cause")
    ways = {(None, "gold"): ["up", "Gold"], ("gold", "silver"): ["down", "Silver"]}
    wanted = [[*(one[name] for name in names), *ways[one["before"], one["after"]], 1] for one in changes]
    asked = (*names, "direction", "after_name", "changes")
    eventually(
        lambda: [[row[name] for name in asked] for row in _tiers(analyst, "changes", programme)],
        lambda found: sorted(found, key=str) == sorted(wanted, key=str),
    )
    assert [(row["tier"], row["members"]) for row in _tiers(analyst, "members", programme)] == [("silver", 1)]
    moved = {row["tier"]: row for row in _tiers(analyst, "movement", programme)}
    assert (moved["gold"]["joined"], moved["gold"]["went"], moved["gold"]["at_end"]) == (1, 1, 0)
    assert [moved["silver"][name] for name in ("at_start", "came", "up", "down", "at_end")] == [0, 1, 0, 1, 1]


def _tiers(analyst: Person, report: str, programme: str) -> list[dict[str, Any]]:
    return analyst.warehouse.tiers(report, programme=programme)


def test_a_member_brings_a_tier_from_elsewhere(member: Person, operator: Person, programme: str) -> None:
    wrong = {"member_id": member.id, "tier": "platinum"}
    [refusal, brought] = operator.tiers.bring(programme, wrong, {"member_id": member.id, "tier": "gold"})
    assert (refusal["error"]["code"], brought["status"]) == ("tiers.unknown", "given")

    found = member.tiers.one(programme=programme)
    assert (found["tier"]["code"], found["cause"], found["progress"]) == ("gold", "imported", 0)
    assert member.tiers.one(programme=programme, at=found["since"])["tier"]["code"] == "gold"
    [made] = operator.tiers.imports(programme)
    [change] = member.tiers.changes(programme=programme)
    assert (made["id"], made["members"], made["created_by"]) == (change["reference"], 1, operator.id)
    refused(member.api.get(f"{tiers_of(programme)}/imports"), 403)
