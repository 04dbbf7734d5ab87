"""What rules may ask, over HTTP."""

from typing import Any

import pytest

from points.programmes.rules import Programme
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.event_factories import on
from tests.factories import make_programme
from tests.rule_factories import draft, retire
from tests.rules.earning.factories import fixed, rule, rule_set

pytestmark = pytest.mark.django_db
FIELDS = "/api/v1/programmes/rule-fields"
PARTS = ("purchase_metadata", "line_metadata", "attributes", "event_data", "events", "event_schemas")
EMPTY: dict[str, Any] = {name: {} for name in PARTS}
SAID = {
    "attributes": {"size": {"type": "enum", "values": ["s", "m"]}},
    "purchase_metadata": {"gift": {"type": "boolean"}},
}


@pytest.fixture
def plaza() -> Programme:
    return make_programme()


@pytest.fixture
def schema(plaza: Programme) -> str:
    return f"/api/v1/programmes/{plaza.id}/rule-schema"


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


def test_fields_are_published_each_with_its_type_and_operators(analyst: Actor) -> None:
    found = analyst.get(FIELDS).json()

    assert (found["next"], found["previous"]) == (None, None)
    by_name = {field["name"]: field for field in found["results"]}
    assert by_name["purchase.amount"] == {
        "name": "purchase.amount",
        "title": "amount",
        "type": "integer",
        "operators": ["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "between", "exists"],
        "values": [],
        "where": "purchase",
        "is_money": True,
    }
    assert by_name["time.weekday"]["values"][0] == "monday"
    assert len(by_name) == len(found["results"])


def test_a_programmes_own_keys_are_fields_of_it_alone(operator: Actor, plaza: Programme, schema: str) -> None:
    assert operator.get(schema).json() == EMPTY
    assert operator.put(schema, SAID).json() == EMPTY | SAID
    assert operator.get(schema).json() == EMPTY | SAID

    fields = {one["name"]: one for one in operator.get(FIELDS, programme=str(plaza.id)).json()["results"]}

    assert fields["member.attributes.size"]["values"] == ["s", "m"]
    assert (fields["purchase.metadata.gift"]["type"], fields["purchase.metadata.gift"]["where"]) == (
        "boolean",
        "purchase",
    )
    other = make_programme(name="Piazza")
    assert len(operator.get(FIELDS, programme=str(other.id)).json()["results"]) == len(fields) - 2


def test_the_same_again_changes_nothing_that_is_said(operator: Actor, schema: str) -> None:
    first = operator.put(schema, SAID)

    assert operator.put(schema, SAID).content == first.content
    assert operator.put(schema, {}).json() == EMPTY


def test_a_schema_that_is_none_is_refused_with_pointers(operator: Actor, schema: str) -> None:
    wrong = {"attributes": {"1": {"type": "text"}, "size": {"type": "enum"}}, "line_metadata": {"x": {"type": "texts"}}}
    with nothing_written():
        problem = refused(operator.put(schema, wrong), 400, "rules.invalid")

    assert {(one["pointer"], one["code"]) for one in problem["errors"]} == {
        ("/line_metadata/x", "wrong_type"),
        ("/attributes/1", "wrong_key"),
        ("/attributes/size/values", "wrong_value"),
    }


@pytest.mark.parametrize("body", [{"attributes": []}, {"attributes": None}, {"colour": {}}, []])
def test_a_body_that_is_none_is_refused(operator: Actor, schema: str, body: Any) -> None:
    with nothing_written():
        refused(operator.put(schema, body), 400, "request.invalid")


@pytest.mark.django_db(transaction=True)
def test_a_change_that_breaks_a_rule_names_it(operator: Actor, plaza: Programme, schema: str) -> None:
    operator.put(schema, SAID)
    draft(
        plaza,
        rule_set(rule("gifts", fixed(5), condition={"field": "purchase.metadata.gift", "op": "eq", "value": True})),
    )
    with nothing_written():
        problem = refused(
            operator.put(schema, {"purchase_metadata": {"gift": {"type": "text"}}}), 409, "rules.schema_in_use"
        )

    (error,) = problem["errors"]
    assert (error["version"], error["rule_id"], error["pointer"], error["code"]) == (
        1,
        "gifts",
        "/rules/0/condition/value",
        "wrong_value",
    )
    more = {"purchase_metadata": SAID["purchase_metadata"] | {"note": {"type": "text"}}}
    assert operator.put(schema, more).status_code == 200


def test_a_draft_that_was_put_away_is_read_though_the_schema_lacks_what_it_asks(
    operator: Actor, plaza: Programme, schema: str
) -> None:
    operator.put(schema, SAID)
    condition = {"field": "purchase.metadata.gift", "op": "eq", "value": True}
    row = retire(draft(plaza, rule_set(rule("gifts", fixed(5), condition=condition))))
    path = f"/api/v1/programmes/{plaza.id}/rules/{row.version}"
    assert [one["id"] for one in operator.get(path).json()["sentences"]] == ["gifts"]

    assert operator.put(schema, {}).status_code == 200
    found = operator.get(path).json()
    assert (found["state"], found["document"], found["sentences"]) == ("retired", row.document, [])


EVENTS = {
    "event_data": {"stars": {"type": "integer"}},
    "events": {"review": {"data": ["stars"], "required": ["stars"]}, "visit": {"data": [], "required": []}},
}


def test_events_are_told_with_their_json_schema_and_are_values_of_a_field(
    operator: Actor, plaza: Programme, schema: str
) -> None:
    found = operator.put(schema, EVENTS).json()

    assert {name: found[name] for name in EVENTS} == EVENTS
    assert found["event_schemas"]["review"]["properties"]["stars"]["type"] == "integer"
    assert found["event_schemas"]["visit"] == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "visit",
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }
    assert operator.get(schema).json() == found
    fields = {one["name"]: one for one in operator.get(FIELDS, programme=str(plaza.id)).json()["results"]}
    assert (fields["event.name"]["type"], fields["event.name"]["values"]) == ("enum", ["review", "visit"])
    assert fields["event.data.stars"]["where"] == "event"


def test_events_that_are_none_are_refused_with_pointers(operator: Actor, schema: str) -> None:
    wrong = {"events": {"review": {"data": ["stars"], "more": 1}, "1": {}}}
    with nothing_written():
        problem = refused(operator.put(schema, wrong), 400, "rules.invalid")

    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/events/review/more", "unknown_member"),
        ("/events/review/data/0", "unknown_key"),
        ("/events/1", "wrong_key"),
    ]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_a_rule_asks_cannot_be_taken_away(operator: Actor, plaza: Programme, schema: str) -> None:
    operator.put(schema, EVENTS)
    draft(plaza, rule_set(on("review", 5, {"field": "event.data.stars", "op": "gte", "value": 4})))
    named = {"event_data": EVENTS["event_data"], "events": {"visit": {}}}
    for change, pointer in (
        (named, "/rules/0/condition/all/0/value"),
        (
            {"events": {"review": {}}},
            "/rules/0/condition/all/1/field",
        ),
    ):
        with nothing_written():
            problem = refused(operator.put(schema, change), 409, "rules.schema_in_use")
        (error,) = problem["errors"]
        assert (error["rule_id"], error["pointer"]) == ("review", pointer)


@pytest.mark.django_db(transaction=True)
def test_an_unknown_programme_has_none(operator: Actor) -> None:
    nowhere = f"/api/v1/programmes/{new_id()}/rule-schema"
    with nothing_written():
        refused(operator.get(nowhere), 404, "programmes.not_found")
        refused(operator.put(nowhere, {}), 404, "programmes.not_found")
        refused(operator.get(FIELDS, programme=str(new_id())), 404, "programmes.not_found")
        refused(operator.get(FIELDS, programme="x"), 400, "request.invalid")


@pytest.mark.parametrize("role", ["member", "merchant", "analyst"])
def test_only_operators_write(role: str, schema: str, request: pytest.FixtureRequest) -> None:
    actor = request.getfixturevalue(role)
    with nothing_written():
        refused(actor.put(schema, {}), 403, "auth.insufficient_scope")
    if role != "analyst":
        refused(actor.get(schema), 403, "auth.insufficient_scope")
        refused(actor.get(FIELDS), 403, "auth.insufficient_scope")
