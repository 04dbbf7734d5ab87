"""A programme earns by rules that its operator wrote: an earning is explained rule by rule, and comes back by them."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from clients.api import ok
from clients.ledger import purchase
from clients.points import POINTS, PROGRAMMES
from eventually import eventually, until_all_have_read_anew
from people import Merchant, Person

# On paper in docs/points/rules.md.
SHOES = {"field": "line.category", "op": "eq", "value": "shoes"}
RULES = [
    {
        "id": "base",
        "name": "1 point per 1.00",
        "trigger": "purchase",
        "effect": {"kind": "per_amount", "points": 1, "amount": 100},
    },
    {
        "id": "double-shoes",
        "name": "Double points on shoes",
        "trigger": "purchase",
        "lines": SHOES,
        "effect": {"kind": "multiplier", "hundredths": 200},
    },
    {
        "id": "welcome",
        "name": "100 once",
        "trigger": "purchase",
        "effect": {"kind": "fixed", "points": 100},
        "limits": [{"of": "uses", "most": 1, "per": "ever"}],
    },
]
NAMED = ("rule_id", "version", "given", "taken_back", "transactions")
pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    """A programme whose rules are active."""
    return active_rules(operator, "Rules")


def active_rules(operator: Person, name: str, rules: Sequence[dict[str, Any]] = RULES) -> str:
    """Make a programme with rules; those on paper, where no others are named."""
    programme_id = str(operator.points.make_programme(name)["id"])
    versions = f"{PROGRAMMES}/{programme_id}/rules"
    document = {"language": 1, "stacking": "all", "rules": [*rules]}
    made = ok(operator.api.post(versions, {"document": document}), 201)
    ok(operator.api.post(f"{versions}/{made['version']}/activate", {}))
    until_all_have_read_anew()
    return programme_id


def cart(member: Person, programme: str) -> dict[str, Any]:
    body = purchase(member.id, ("shoes", 1, 3_333), ("books", 1, 1_001), programme=programme)
    for line in body["lines"]:
        line["category"] = line["line_id"]
    return body


def recorded(merchant: Merchant, member: Person, programme: str) -> dict[str, Any]:
    """Record the purchase on paper, once the service has noticed which rules are active."""
    made: dict[str, Any] = merchant.system.ledger.record(cart(member, programme))
    return made


def test_a_purchase_earns_by_rules_says_why_and_comes_back(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    simulation = {"programme": programme, "member_id": member.id, "purchase": _tried(cart(member, programme))}
    eventually(lambda: ok(operator.api.post(f"{POINTS}/simulations", simulation))["points"], 176)

    made = recorded(merchant, member, programme)

    assert (made["points"], made["rules_version"]) == (176, 1)
    assert {line["line_id"]: line["points"] for line in made["lines"]} == {"shoes": 66, "books": 10}
    found = ok(member.api.get(f"{POINTS}/transactions/{made['transaction_id']}/explanation"))["by_rules"]
    assert (found["version"], found["points"], found["rest"], found["fixed"]) == (1, 176, 0, 100)
    assert {rule["rule_id"]: rule["points"] for rule in found["rules"]} == {
        "base": 43,
        "double-shoes": 33,
        "welcome": 100,
    }
    again = recorded(merchant, member, programme)
    why = ok(member.api.get(f"{POINTS}/transactions/{again['transaction_id']}/explanation"))["by_rules"]["rules"][2]
    assert (again["points"], why["why"], why["limit"]) == (76, "limit", {"of": "uses", "period": "ever"})
    assert ok(merchant.system.api.get(f"{POINTS}/purchases/{again['id']}/explanation"))["by_rules"]["rules"][2] == why

    merchant.system.ledger.give_back(again["id"])
    shoes = merchant.system.ledger.give_back(made["id"], lines=[{"line_id": "shoes", "quantity": 1}])
    assert (shoes["points"], member.points.balance(programme=programme)) == (66, 110)
    assert merchant.system.ledger.give_back(made["id"])["points"] == 110
    assert member.points.balance(programme=programme) == 0
    assert recorded(merchant, member, programme)["points"] == 176


def test_what_waits_comes_by_itself_and_is_returned_from_there(
    operator: Person, member: Person, merchant: Merchant
) -> None:
    programme = active_rules(operator, "Rules that wait", [RULES[0], RULES[2] | {"pending_days": 3}])
    made = recorded(merchant, member, programme)
    found = ok(member.api.get(f"{POINTS}/transactions/{made['transaction_id']}/explanation"))["by_rules"]

    assert [(one["points"], one["rules"]) for one in found["transactions"]] == [(43, ["base"]), (100, ["welcome"])]
    assert member.ledger.buckets(programme=programme) == (43, 0, 100, 0)
    assert merchant.system.ledger.give_back(made["id"])["own"] == 143
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)


def test_a_simulation_knows_what_the_member_used(operator: Person, member: Person, merchant: Merchant) -> None:
    programme = active_rules(operator, "Rules that are used")
    body = {"programme": programme, "member_id": member.id, "purchase": _tried(cart(member, programme))}
    recorded(merchant, member, programme)

    found = [ok(operator.api.post(f"{POINTS}/simulations", body | more)) for more in ({}, {"limits": "unused"})]

    assert [(one["points"], one["limits"]) for one in found] == [(76, "as_used"), (176, "unused")]


def test_the_warehouse_knows_what_each_rule_gave_and_what_it_cost(
    operator: Person, analyst: Person, member: Person, merchant: Merchant
) -> None:
    programme = active_rules(operator, "Rules in the warehouse")
    made = recorded(merchant, member, programme)
    recorded(merchant, member, programme)
    merchant.system.ledger.give_back(made["id"], lines=[{"line_id": "shoes", "quantity": 1}])
    wanted = [("base", 1, 86, 33, 2), ("double-shoes", 1, 66, 33, 2), ("welcome", 1, 100, 0, 1)]

    found = eventually(
        lambda: analyst.warehouse.points_of_rules(programme=programme),
        lambda rows: [tuple(row[name] for name in NAMED) for row in rows] == wanted,
    )

    assert [row["rule"] for row in found] == [rule["name"] for rule in RULES]
    assert sum(row["points"] for row in found) == member.points.balance(programme=programme)
    assert found == analyst.warehouse.points_of_rules(programme=programme, merchant_id=merchant.id)
    eventually(
        lambda: sorted(_compared(analyst, programme)),
        [("earned", "matched", 252, 252), ("returned", "matched", 66, 66)],
        seconds=120,
    )


def _compared(analyst: Person, programme: str) -> Iterator[tuple[Any, ...]]:
    """Yield how facts by rule compare with the entries of points that they are parts of."""
    for row in analyst.warehouse.reconciliation(ledger="rules"):
        if row["unit"] == programme:
            yield tuple(row[name] for name in ("kind", "status", "ours_total", "theirs_total"))


def _tried(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("amount", "lines")}
