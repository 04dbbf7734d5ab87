"""Budgets of a programme, over HTTP."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.budgets.models import Budget
from points.budgets.operations import MOST_BUDGETS
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.proofs import nothing_written
from tests.budget_factories import make_budget
from tests.factories import AT, UNKNOWN_ID, make_programme
from tests.judging_factories import BASE, activate, buy_lines
from tests.rules.earning.factories import rule_set

pytestmark = pytest.mark.django_db
SPRING: dict[str, Any] = {"code": "spring", "name": "In spring", "of": "points", "most": 25, "per": "ever"}


@pytest.fixture(autouse=True)
def programme() -> Any:
    made = make_programme()
    activate(rule_set(BASE))
    return made


@pytest.fixture
def budgets(programme: Any) -> str:
    return f"/api/v1/programmes/{programme.id}/budgets"


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json().get("errors")


def test_a_budget_is_made_read_changed_and_ended(operator: Actor, budgets: str) -> None:
    made = operator.post(budgets, SPRING)
    assert made.status_code == 201, made.content
    budget = made.json()
    assert {name: budget[name] for name in ("rule_id", "points", "each", "beyond", "alert_percent", "created_by")} == {
        "rule_id": None, "points": 25, "each": None, "beyond": "trim", "alert_percent": 80,
        "created_by": str(operator.id),
    }  # fmt: skip
    assert operator.get(f"{budgets}/spring").json() == budget
    assert operator.get(budgets).json()["results"] == [budget]

    changed = operator.put(f"{budgets}/spring", {"name": "More", "most": 30, "alert_percent": 90}).json()

    assert (changed["name"], changed["most"], changed["points"], changed["alert_percent"]) == ("More", 30, 30, 90)
    assert operator.delete(f"{budgets}/spring").status_code == 204
    assert operator.get(budgets).json()["results"] == []
    assert operator.post(budgets, SPRING).status_code == 201


def test_one_that_ended_is_not_there(operator: Actor, budgets: str) -> None:
    operator.post(budgets, SPRING)
    operator.delete(f"{budgets}/spring")

    refused(operator.get(f"{budgets}/spring"), 404, "budgets.not_found")
    refused(operator.delete(f"{budgets}/spring"), 404, "budgets.not_found")


def test_the_same_request_makes_one(operator: Actor, budgets: str) -> None:
    key = str(new_id())

    first, again = (operator.post(budgets, SPRING, key=key) for _ in range(2))

    assert (first.content, Budget.objects.count()) == (again.content, 1)
    refused(operator.post(budgets, SPRING), 409, "budgets.exists")


def test_what_was_used_is_told_by_period_the_last_one_first(operator: Actor, budgets: str, member: Actor) -> None:
    make_budget(12, "daily", per="day")
    make_budget(100, "mine", each="member", of="uses")
    bought = buy_lines(member.id, {}, amount=1_000)
    buy_lines(member.id, {}, amount=1_000, at=AT.replace(day=2))

    found = operator.get(f"{budgets}/daily/periods").json()["results"]

    assert [(one["period"], one["used"], one["left"], one["points"], one["each"]) for one in found] == [
        ("2026-03-02", 10, 2, 10, None), ("2026-03-01", 10, 2, 10, None),
    ]  # fmt: skip
    assert all(one["alerted_at"] for one in found)
    first = operator.get(f"{budgets}/daily/periods", page_size=1).json()
    assert operator.get(path_of(first["next"])).json()["results"] == found[1:]
    (own,) = operator.get(f"{budgets}/mine/periods").json()["results"]
    assert (own["each"], own["used"], own["left"], own["points"], own["alerted_at"]) == (
        str(member.id), 2, 98, None, None,
    )  # fmt: skip
    explained = operator.get(f"/api/v1/points/transactions/{bought.transaction_id}/explanation").json()
    assert (explained["by_rules"]["rules"][0]["cut"], explained["by_rules"]["rules"][0]["budget"]) == (0, None)


def test_a_simulation_is_cut_by_what_budgets_have_left(
    operator: Actor, programme: Any, member: Actor, other_member: Actor
) -> None:
    make_budget(12, "mine", each="member")
    buy_lines(member.id, {}, amount=1_000)
    body = {"purchase": {"amount": {"amount": 500, "currency": "EUR"}}, "programme": str(programme.id)}

    def tried(who: UUID, limits: str) -> tuple[int, int]:
        said = {**body, "member_id": str(who), "limits": limits}
        answer = operator.post("/api/v1/points/simulations", said, key=None)
        assert answer.status_code == 200, answer.content
        (rule,) = answer.json()["rules"]
        return rule["points"], rule["cut"]

    with nothing_written():
        assert tried(member.id, "as_used") == (2, 3)
        assert tried(other_member.id, "as_used") == (5, 0)
        assert tried(member.id, "unused") == (5, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Spring"},
        {"code": ""},
        {"code": "x" * 65},
        {"name": ""},
        {"of": "euros"},
        {"most": 0},
        {"most": 10**12 + 1},
        {"most": "25"},
        {"most": 2.5},
        {"most": True},
        {"per": "quarter"},
        {"each": "shop"},
        {"each": None},
        {"beyond": "more"},
        {"alert_percent": 0},
        {"alert_percent": 101},
        {"rule_id": "Base"},
        {"rule_id": None},
        {"more": 1},
    ],
)
def test_a_body_that_is_none_is_refused(operator: Actor, budgets: str, wrong: dict[str, Any]) -> None:
    with nothing_written():
        refused(operator.post(budgets, {**SPRING, **wrong}), 400, "request.invalid")


def test_a_rule_that_is_not_there_has_no_budget(operator: Actor, budgets: str) -> None:
    with nothing_written():
        refused(operator.post(budgets, {**SPRING, "rule_id": "bonus"}), 409, "budgets.rule_unknown")
    assert operator.post(budgets, {**SPRING, "rule_id": "base"}).status_code == 201


@pytest.mark.parametrize("code", ["none", "Spring", "%00", "x" * 200])
def test_what_is_not_there_is_not_found(operator: Actor, budgets: str, code: str) -> None:
    refused(operator.get(f"{budgets}/{code}"), 404, "budgets.not_found")
    refused(operator.get(f"{budgets}/{code}/periods"), 404, "budgets.not_found")
    refused(operator.put(f"{budgets}/{code}", {"name": "x", "most": 1}), 404, "budgets.not_found")


def test_only_operators_say_budgets(operator: Actor, member: Actor, merchant: Actor, budgets: str) -> None:
    make_budget(12)
    for actor in (member, merchant):
        assert actor.get(budgets).status_code == 403
        assert actor.post(budgets, SPRING).status_code == 403
        assert actor.put(f"{budgets}/all", {"name": "x", "most": 1}).status_code == 403
        assert actor.delete(f"{budgets}/all").status_code == 403
        assert actor.get(f"{budgets}/all/periods").status_code == 403


def test_a_programme_that_is_not_there_has_no_budgets(operator: Actor) -> None:
    path = f"/api/v1/programmes/{UNKNOWN_ID}/budgets"

    with nothing_written():
        refused(operator.post(path, SPRING), 404, "programmes.not_found")
    for answer in (
        lambda: operator.put(f"{path}/spring", {"name": "x", "most": 1}),
        lambda: operator.delete(f"{path}/spring"),
    ):
        with transaction.atomic():
            refused(answer(), 404, "programmes.not_found")
            transaction.set_rollback(True)


def test_a_programme_has_so_many_budgets(operator: Actor, budgets: str) -> None:
    for number in range(MOST_BUDGETS):
        make_budget(5, code=f"b{number}")

    refused(operator.post(budgets, SPRING), 409, "budgets.too_many")


def test_money_that_is_worth_no_point_is_no_budget(operator: Actor) -> None:
    path = f"/api/v1/programmes/{make_programme(name='Dear', value_points=1, value_amount=100).id}/budgets"
    money = {**SPRING, "of": "money"}

    refused(operator.post(path, {**money, "most": 99}), 409, "budgets.too_small")
    assert operator.post(path, {**money, "most": 100}).json()["points"] == 1
    refused(operator.put(f"{path}/spring", {"name": "x", "most": 99}), 409, "budgets.too_small")


def test_money_that_is_worth_more_points_than_can_be_counted_is_no_budget(operator: Actor) -> None:
    path = f"/api/v1/programmes/{make_programme(name='Cheap', value_points=10**9, value_amount=1).id}/budgets"
    money = {**SPRING, "of": "money"}

    refused(operator.post(path, {**money, "most": 10**12}), 409, "budgets.too_large")
    assert operator.post(path, {**money, "most": 10**6}).json()["points"] == 10**15
    refused(operator.put(f"{path}/spring", {"name": "x", "most": 10**6 + 1}), 409, "budgets.too_large")


def test_the_largest_budget_counts_and_tells(operator: Actor, member: Actor) -> None:
    found = make_programme(name="Cheap", value_points=10**9, value_amount=1)
    activate(rule_set(BASE), programme_id=found.id)
    path = f"/api/v1/programmes/{found.id}/budgets"
    assert operator.post(path, {**SPRING, "of": "money", "most": 10**6, "alert_percent": 100}).status_code == 201
    body = {"member_id": str(member.id), "amount": {"amount": 1_000, "currency": "EUR"}, "programme": str(found.id)}

    bought = operator.post("/api/v1/points/purchases", {**body, "purchase_id": "till-1"})

    assert (bought.status_code, bought.json()["points"]) == (201, 10)
    assert operator.get(f"{path}/spring/periods").json()["results"][0]["points"] == 10
