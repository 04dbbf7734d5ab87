"""Rules of a programme from a draft to their end; what they would give, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from books import sent_twice
from clients.api import refused
from clients.payments import eur
from clients.rules import FIELDS, SIMULATIONS, rule, rule_set, rules_of
from people import Person

PER_EURO = {"kind": "per_amount", "points": 1, "amount": 100}
SHOES = {"field": "line.category", "op": "eq", "value": "shoes"}
GIFT = {"field": "purchase.metadata.gift", "op": "eq", "value": True}
PAPER = rule_set(
    rule("base", PER_EURO),
    rule("double-shoes", {"kind": "multiplier", "hundredths": 200}, lines=SHOES),
    rule("welcome", {"kind": "fixed", "points": 100}, limits=[{"of": "uses", "most": 1, "per": "ever"}]),
)
CART: dict[str, Any] = {
    "amount": eur(4_334),
    "lines": [
        {"line_id": "1", "category": "shoes", "quantity": 1, "amount": 3_333},
        {"line_id": "2", "category": "books", "quantity": 1, "amount": 1_001},
    ],
}


@pytest.fixture
def programme(operator: Person, default_programme: str) -> str:
    """A programme of its own, whose rules are nobody else's."""
    return str(operator.points.make_programme(f"Rules {uuid4()}")["id"])


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def test_a_draft_is_tried_and_activated_and_explains_each_point(operator: Person, programme: str) -> None:
    draft = operator.rules.draft(programme, PAPER)
    assert (draft["version"], draft["state"]) == (1, "draft")
    tried = operator.rules.simulate(programme, CART, version=1)

    assert operator.rules.activate(programme, 1)["state"] == "active"

    found = operator.rules.simulate(programme, CART)
    assert {name: value for name, value in found.items() if name != "at"} == {
        name: value for name, value in tried.items() if name != "at"
    }
    assert (found["points"], [line["points"] for line in found["lines"]], found["fixed"]) == (176, [66, 10], 100)
    assert (
        found["points"] == sum(one["points"] for one in found["rules"]) == sum(one["points"] for one in found["given"])
    )
    books = operator.rules.simulate(programme, {"amount": eur(1_001), "lines": CART["lines"][1:]})
    [shoes] = [one for one in books["rules"] if one["rule_id"] == "double-shoes"]
    assert (shoes["is_met"], shoes["why"], shoes["lines"][0]["condition"]["found"]) == (False, "no_line", "books")


def test_what_starts_on_saturday_is_set_before_and_may_be_taken_back(operator: Person, programme: str) -> None:
    for document in (PAPER, rule_set(rule("base", PER_EURO)), rule_set(rule("more", PER_EURO))):
        operator.rules.draft(programme, document)
    operator.rules.activate(programme, 1)
    saturday = in_days(2)

    assert operator.rules.activate(programme, 2, at=saturday)["state"] == "scheduled"

    assert operator.rules.simulate(programme, CART, at=in_days(3))["version"] == 2
    refused(operator.api.post(f"{rules_of(programme)}/3/activate"), 409, "rules.another_scheduled")
    refused(operator.api.post(f"{rules_of(programme)}/1/retire", {"at": in_days(3)}), 409, "rules.another_scheduled")
    assert operator.rules.retire(programme, 2)["state"] == "retired"
    assert [one["state"] for one in operator.rules.versions(programme)] == ["draft", "retired", "active"]
    assert operator.rules.simulate(programme, CART, at=in_days(3))["version"] == 1
    assert operator.rules.retire(programme, 1)["state"] == "retired"
    refused(operator.api.post(SIMULATIONS, {"programme": programme, "purchase": CART}), 409, "rules.none_active")


def test_a_draft_changes_and_what_counts_does_not(operator: Person, programme: str) -> None:
    operator.rules.draft(programme, PAPER)
    other = rule_set(rule("base", PER_EURO), stacking="best")
    assert operator.rules.change(programme, 1, other) == operator.rules.version(programme, 1)
    operator.rules.activate(programme, 1)
    path = f"{rules_of(programme)}/1"

    refused(operator.api.send("PUT", path, json={"document": PAPER}), 409, "rules.no_draft")
    refused(operator.api.post(f"{path}/activate"), 409, "rules.no_draft")
    operator.rules.retire(programme, 1)
    refused(operator.api.post(f"{path}/retire"), 409, "rules.retired")
    assert operator.rules.version(programme, 1)["document"] == other


def test_all_that_is_wrong_is_told_where_it_is(operator: Person, programme: str) -> None:
    wrong = rule_set(rule("a", PER_EURO, condition=GIFT), rule("b", {"kind": "fixed", "points": 0}))

    problem = refused(operator.api.post(rules_of(programme), {"document": wrong}), 400, "rules.invalid")

    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/rules/0/condition/field", "unknown_field"),
        ("/rules/1/effect/points", "wrong_value"),
    ]
    assert operator.rules.versions(programme) == []
    refused(operator.api.get(f"{rules_of(programme)}/1"), 404, "rules.version_not_found")


def test_a_programmes_own_keys_are_asked_and_not_taken_from_rules(operator: Person, programme: str) -> None:
    types = {"gift": {"type": "boolean"}}
    said = operator.rules.say_types(programme, purchase_metadata=types)
    assert said == operator.rules.schema(programme)
    assert operator.rules.fields(programme)["purchase.metadata.gift"]["type"] == "boolean"
    operator.rules.draft(programme, rule_set(rule("gifts", {"kind": "fixed", "points": 9}, condition=GIFT)))

    path = f"/api/v1/programmes/{programme}/rule-schema"
    problem = refused(operator.api.send("PUT", path, json={}), 409, "rules.schema_in_use")

    assert (problem["errors"][0]["rule_id"], problem["errors"][0]["version"]) == ("gifts", 1)
    assert operator.rules.schema(programme) == said
    wrong = {"attributes": {"size": {"type": "number"}}}
    refused(operator.api.send("PUT", path, json=wrong), 400, "rules.invalid")
    given = operator.rules.simulate(programme, CART | {"metadata": {"gift": True}}, version=1)
    assert given["points"] == 9


def test_a_request_that_is_sent_twice_has_its_effect_once(operator: Person, programme: str) -> None:
    sent_twice(operator.api, rules_of(programme), {"document": PAPER})
    assert len(operator.rules.versions(programme)) == 1
    sent_twice(operator.api, f"{rules_of(programme)}/1/activate", {}, status=200)
    sent_twice(operator.api, f"{rules_of(programme)}/1/retire", {}, status=200)


def test_rules_are_for_operators_and_analysts_read_them(
    operator: Person, analyst: Person, member: Person, programme: str
) -> None:
    operator.rules.draft(programme, PAPER)
    path = rules_of(programme)

    assert (
        analyst.rules.version(programme, 1)["sentences"][0]["sentence"] == "for a purchase: 1 point for each 1.00 EUR"
    )
    assert analyst.api.listed(path)[0]["version"] == 1
    refused(analyst.api.post(path, {"document": PAPER}), 403, "auth.insufficient_scope")
    refused(analyst.api.post(f"{path}/1/activate"), 403, "auth.insufficient_scope")
    for read in (path, f"{path}/1", FIELDS, f"/api/v1/programmes/{programme}/rule-schema"):
        refused(member.api.get(read), 403, "auth.insufficient_scope")
    refused(member.api.post(SIMULATIONS, {"programme": programme, "purchase": CART}), 403, "auth.insufficient_scope")
    assert operator.rules.version(programme, 1)["state"] == "draft"
