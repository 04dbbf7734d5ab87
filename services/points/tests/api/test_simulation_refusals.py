"""What cannot be tried is refused, and writes nothing."""

from typing import Any

import pytest

from points.earning import operations
from points.earning.rules import Schema
from points.programmes.rules import Programme
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from tests.api.simulation_requests import CART, LINES, PATH, REVIEW, plaza
from tests.event_factories import let_earn
from tests.factories import AT
from tests.rule_factories import PAPER, activated

__all__ = ["plaza"]  # fixtures
pytestmark = pytest.mark.django_db


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


@pytest.mark.parametrize("body", [{"limits": "as_used"}, {"limits": "none"}, {"limits": None}, {"limits": 1}])
def test_limits_as_nobody_used_them_are_refused(operator: Actor, plaza: Programme, body: dict[str, Any]) -> None:
    activated(plaza)

    problem = refused(operator.post(PATH, {"purchase": CART} | body, key=None), 400, "request.invalid")

    assert [error["field"] for error in problem["errors"]] == ["limits"]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1, "document": PAPER},
        {"version": 0},
        {"version": "1"},
        {"document": []},
        {"at": "2026-03-01"},
        {"segments": ["x"] * 101},
        {"segments": "vip"},
        {"attributes": []},
        {"is_first_purchase": "yes"},
        {"member_id": "me"},
        {"events": []},
        {"purchase": {}},
        {"purchase": CART | {"lines": LINES[:1]}},
        {"purchase": CART | {"lines": [LINES[0], LINES[0]]}},
        {"purchase": CART | {"money_amount": 5000}},
        {"purchase": CART | {"metadata": {"a": 1.5}}},
    ],
)
def test_a_request_that_is_none_is_refused(operator: Actor, plaza: Programme, change: dict[str, Any]) -> None:
    activated(plaza)
    with nothing_written():
        refused(operator.post(PATH, {"purchase": CART} | change), 400, "request.invalid")


def test_an_event_that_could_not_be_told_is_not_tried(operator: Actor, plaza: Programme) -> None:
    let_earn()
    with nothing_written():
        for wrong, pointer in ({"name": "sale"}, "/name"), ({"name": "review", "data": {"stars": "5"}}, "/data/stars"):
            problem = refused(operator.post(PATH, {"event": wrong}), 400, "points.event_invalid")
            assert [one["pointer"] for one in problem["errors"]] == [pointer]
        for body in ({}, {"event": REVIEW, "purchase": CART}, {"event": {}}, {"event": []}, {"event": {"name": 7}}):
            refused(operator.post(PATH, body), 400, "request.invalid")


@pytest.mark.parametrize(
    ("value", "code"), [({"shoe": 1}, "unknown"), ({"size": "xl"}, "invalid"), ({"size": 1}, "invalid")]
)
def test_an_attribute_is_of_the_schema(operator: Actor, plaza: Programme, value: dict[str, Any], code: str) -> None:
    operations.change_schema(plaza.id, Schema(attributes={"size": ("s",)}), actor_id=OPERATOR.id, at=AT)
    with nothing_written():
        answer = operator.post(PATH, {"purchase": CART, "document": PAPER, "attributes": value})

    (error,) = refused(answer, 400, "request.invalid")["errors"]
    assert (error["field"], error["code"]) == (f"attributes.{next(iter(value))}", code)


def test_each_refusal_says_what_is_wrong(operator: Actor, plaza: Programme) -> None:
    dollars = {"purchase": {"amount": {"amount": 100, "currency": "USD"}}}
    with nothing_written():
        refused(operator.post(PATH, {"purchase": CART}), 409, "rules.none_active")
        refused(operator.post(PATH, {"purchase": CART, "version": 1}), 404, "rules.version_not_found")
        refused(operator.post(PATH, {"purchase": CART, "programme": str(new_id())}), 404, "programmes.not_found")
        assert refused(operator.post(PATH, dollars), 409, "points.currency_mismatch")["currency"] == "EUR"
        problem = refused(operator.post(PATH, {"purchase": CART, "document": {"language": 1}}), 400, "rules.invalid")
    assert {one["pointer"] for one in problem["errors"]} == {""}


@pytest.mark.parametrize("role", ["member", "merchant", "analyst"])
def test_who_may_not_try_learns_nothing(role: str, plaza: Programme, request: pytest.FixtureRequest) -> None:
    activated(plaza)
    with nothing_written():
        refused(request.getfixturevalue(role).post(PATH, {"purchase": CART}), 403, "auth.insufficient_scope")
