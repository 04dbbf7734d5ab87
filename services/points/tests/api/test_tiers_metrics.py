"""What counts for tiers, over HTTP."""

from typing import Any

import pytest

from points.programmes.rules import Programme
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.counting_factories import STARS, VISITS, record
from tests.event_factories import let_earn, tell
from tests.factories import make_programme
from tests.tier_factories import document

pytestmark = pytest.mark.django_db
TIER, CHANGES = "/api/v1/points/tier", "/api/v1/points/tier/changes"


@pytest.fixture
def plaza() -> Programme:
    made = make_programme()
    let_earn()
    return made


@pytest.fixture
def tiers(plaza: Programme) -> str:
    return f"/api/v1/programmes/{plaza.id}/tiers"


def refused(answer: Any, status: int, code: str) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    errors: list[dict[str, Any]] = answer.json()["errors"]
    return errors


@pytest.mark.parametrize(
    ("metric", "pointer", "code"),
    [
        ("nights", "/metric", "wrong_value"),
        ("events", "/metric", "wrong_value"),
        (7, "/metric", "wrong_value"),
        (["spend"], "/metric", "wrong_value"),
        ({}, "/metric", "wrong_value"),
        ({"kind": "spend"}, "/metric", "wrong_value"),
        ({"kind": ["events"], "name": "visit"}, "/metric", "wrong_value"),
        ({"kind": "events"}, "/metric", "member_missing"),
        (VISITS | {"field": "stars"}, "/metric/field", "unknown_member"),
        (VISITS | {"name": ""}, "/metric/name", "wrong_value"),
        (VISITS | {"name": "v" * 41}, "/metric/name", "wrong_value"),
        (VISITS | {"name": 1}, "/metric/name", "wrong_value"),
        ({"kind": "field", "event": "review"}, "/metric", "member_missing"),
    ],
)
def test_what_cannot_count_is_refused_with_a_pointer(
    operator: Actor, tiers: str, metric: Any, pointer: str, code: str
) -> None:
    with nothing_written():
        errors = refused(operator.put(tiers, {"document": document(metric=metric)}), 400, "tiers.invalid")

    assert [(one["pointer"], one["code"]) for one in errors] == [(pointer, code)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("metric", "pointer", "code"),
    [
        (VISITS | {"name": "nap"}, "/metric/name", "unknown_event"),
        (STARS | {"event": "nap"}, "/metric/event", "unknown_event"),
        (STARS | {"event": "visit"}, "/metric/field", "unknown_field"),
        (STARS | {"field": "moons"}, "/metric/field", "unknown_field"),
        (STARS | {"field": "text"}, "/metric/field", "wrong_type"),
        (STARS | {"field": "size"}, "/metric/field", "wrong_type"),
    ],
)
def test_what_the_schema_has_not_is_refused_with_a_pointer(
    operator: Actor, tiers: str, metric: Any, pointer: str, code: str
) -> None:
    with nothing_written():
        errors = refused(operator.put(tiers, {"document": document(metric=metric)}), 400, "tiers.invalid")

    assert [(one["pointer"], one["code"]) for one in errors] == [(pointer, code)]


@pytest.mark.parametrize("metric", ["points", "spend", "orders", VISITS, STARS])
def test_a_programme_says_what_counts(operator: Actor, member: Actor, tiers: str, metric: Any) -> None:
    said = operator.put(tiers, {"document": document(metric=metric)})

    assert said.json()["document"]["metric"] == metric
    assert operator.put(tiers, {"document": document(metric=metric)}).json() == said.json()
    kind, names = (metric, {}) if isinstance(metric, str) else (metric["kind"], metric)
    found = member.get(TIER).json()
    event = names.get("event", names.get("name"))
    assert (found["metric"], found["event"], found["field"]) == (kind, event, names.get("field"))


def test_a_member_sees_what_was_bought_in_minor_units(operator: Actor, member: Actor, tiers: str) -> None:
    operator.put(tiers, {"document": document(metric="spend")})
    bought = record(member.id, 450)

    found = member.get(TIER).json()
    assert (found["tier"]["code"], found["metric"], found["progress"]) == ("silver", "spend", 450)
    assert found["next_tier"]["missing"] == 50
    (change,) = member.get(CHANGES).json()["results"]
    assert (change["cause"], change["reference"]) == ("earned", str(bought.payment_id))


def test_a_member_sees_what_happened(operator: Actor, member: Actor, tiers: str) -> None:
    operator.put(tiers, {"document": document(metric=STARS)})
    event = tell(member.id, data={"stars": 120})

    (change,) = member.get(CHANGES).json()["results"]
    now = member.get(TIER).json()
    then = member.get(TIER, at=change["changed_at"]).json()
    assert (now["progress"], change["reference"]) == (120, str(event.id))
    assert then["progress"] is None
    for found in (now, then):
        assert (found["metric"], found["event"], found["field"]) == ("field", STARS["event"], STARS["field"])


@pytest.mark.django_db(transaction=True)
def test_a_schema_that_lacks_what_counts_is_refused(operator: Actor) -> None:
    programme = f"/api/v1/programmes/{make_programme().id}"
    tiers, schema = f"{programme}/tiers", f"{programme}/rule-schema"
    operator.put(schema, {"event_data": {"km": {"type": "integer"}}, "events": {"run": {"data": ["km"]}}})
    operator.put(tiers, {"document": document(metric={"kind": "field", "event": "run", "field": "km"})})
    with nothing_written():
        said = {"event_data": {"km": {"type": "text"}}, "events": {"run": {"data": ["km"]}}}
        errors = refused(operator.put(schema, said), 409, "rules.schema_in_use")
        without = refused(operator.put(schema, {}), 409, "rules.schema_in_use")

    assert [(one["tiers"], one["pointer"], one["code"]) for one in errors] == [(1, "/metric/field", "wrong_type")]
    assert [(one["pointer"], one["code"]) for one in without] == [("/metric/event", "unknown_event")]
    more = {
        "event_data": {"km": {"type": "integer"}, "m": {"type": "integer"}},
        "events": {"run": {"data": ["km", "m"]}},
    }
    assert operator.put(schema, more).status_code == 200
