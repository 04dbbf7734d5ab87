"""Versions of rules over HTTP: made, read, changed, activated, retired; and each way in which that is refused."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.earning import operations
from points.earning.api.fields import LARGEST_DOCUMENT
from points.programmes.rules import Programme
from shared import clock
from shared.clock import iso
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.proofs import nothing_written
from tests.factories import make_programme
from tests.rule_factories import PAPER
from tests.rules.earning.factories import PER_EURO, SHOES, fixed, rule, rule_set

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def plaza() -> Programme:
    return make_programme()


@pytest.fixture
def rules(plaza: Programme) -> str:
    return f"/api/v1/programmes/{plaza.id}/rules"


def make(operator: Actor, rules: str, document: Any = PAPER) -> str:
    made = operator.post(rules, {"document": document})
    assert made.status_code == 201, made.content
    return f"{rules}/{made.json()['version']}"


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


def in_days(days: float) -> str:
    return iso(clock.now() + days * DAY)


def test_an_operator_makes_a_draft_and_an_analyst_reads_it_in_words(
    operator: Actor, analyst: Actor, plaza: Programme, rules: str
) -> None:
    made = operator.post(rules, {"document": PAPER})

    assert made.status_code == 201, made.content
    draft = made.json()
    assert (draft["version"], draft["state"], draft["document"]) == (1, "draft", PAPER)
    assert (draft["programme_id"], draft["created_by"]) == (str(plaza.id), str(operator.id))
    assert [draft[name] for name in ("rounding", "starts_at", "ends_at", "activated_by", "retired_by")] == [None] * 5
    assert [one["sentence"] for one in draft["sentences"]] == [
        "for a purchase: 1 point for each 1.00 EUR",
        "for a purchase: × 2 on lines with category is shoes",
        "for a purchase: 100 points; once ever",
    ]
    assert analyst.get(f"{rules}/1").json() == draft
    listed = analyst.get(rules).json()["results"]
    assert listed == [{name: value for name, value in draft.items() if name not in ("document", "sentences")}]


def test_the_same_key_makes_one(operator: Actor, rules: str) -> None:
    first = operator.post(rules, {"document": PAPER}, key="k")
    with nothing_written():
        assert operator.post(rules, {"document": PAPER}, key="k").content == first.content
        other = rule_set(rule("base", PER_EURO))
        refused(operator.post(rules, {"document": other}, key="k"), 422, "idempotency.key_reused")


def test_versions_are_listed_the_newest_first_by_cursor(operator: Actor, rules: str) -> None:
    for _ in range(3):
        make(operator, rules)

    first = operator.get(rules, page_size=2).json()
    second = operator.get(path_of(first["next"])).json()

    assert [one["version"] for one in first["results"] + second["results"]] == [3, 2, 1]
    assert second["next"] is None


def test_a_draft_is_changed_and_nothing_of_it_is_left(operator: Actor, rules: str) -> None:
    path = make(operator, rules)
    other = rule_set(rule("base", PER_EURO))

    changed = operator.put(path, {"document": other})

    assert changed.status_code == 200, changed.content
    assert changed.json() == operator.get(path).json()
    assert (changed.json()["document"], changed.json()["state"]) == (other, "draft")


def test_a_version_counts_from_now_and_ends_the_one_before(operator: Actor, rules: str) -> None:
    first, second = make(operator, rules), make(operator, rules)
    done = operator.post(f"{first}/activate").json()
    assert (done["state"], done["rounding"], done["ends_at"]) == ("active", "floor", None)
    assert done["activated_by"] == str(operator.id)

    later = operator.post(f"{second}/activate").json()

    assert (later["state"], operator.get(first).json()["state"]) == ("active", "retired")
    assert operator.get(first).json()["ends_at"] == later["starts_at"]


def test_a_version_is_scheduled_and_taken_back(operator: Actor, rules: str) -> None:
    first, second = make(operator, rules), make(operator, rules)
    operator.post(f"{first}/activate")
    saturday = in_days(2)

    assert operator.post(f"{second}/activate", {"at": saturday}).json()["state"] == "scheduled"
    assert operator.get(first).json()["ends_at"] == saturday

    assert operator.post(f"{second}/retire").json()["state"] == "retired"
    assert (operator.get(first).json()["state"], operator.get(first).json()["ends_at"]) == ("active", None)


def test_a_version_is_retired_then_or_now_and_a_draft_put_away(operator: Actor, rules: str) -> None:
    first, second = make(operator, rules), make(operator, rules)
    operator.post(f"{first}/activate")
    friday = in_days(1)

    done = operator.post(f"{first}/retire", {"at": friday}).json()
    assert (done["state"], done["ends_at"], done["retired_by"]) == ("active", friday, str(operator.id))
    assert operator.post(f"{first}/retire").json()["state"] == "retired"
    assert operator.post(f"{second}/retire").json()["state"] == "retired"


@pytest.mark.parametrize("step", ["activate", "retire"])
def test_a_step_with_the_same_key_is_taken_once(operator: Actor, rules: str, step: str) -> None:
    path = make(operator, rules)
    first = operator.post(f"{path}/{step}", key="k")
    with nothing_written():
        assert operator.post(f"{path}/{step}", key="k").content == first.content
    refused(operator.post(f"{path}/{step}", {"at": in_days(1)}, key="k"), 422, "idempotency.key_reused")


@pytest.mark.django_db(transaction=True)
def test_all_that_is_wrong_is_told_with_pointers_into_the_document(operator: Actor, rules: str) -> None:
    path = make(operator, rules)
    wrong = rule_set(
        rule("base", {"kind": "per_amount", "points": 0, "amount": 100}),
        rule("x", fixed(1), condition={"field": "purchase.amout", "op": "eq", "value": 1}),
        rule("y", fixed(1), condition={"field": "purchase.amount", "op": "has", "value": 1}),
        rule("z", fixed(1), condition={"field": "purchase.amount", "op": "eq", "value": "1"}),
        rule("blank", fixed(1)) | {"name": " "},
    )
    for send in (lambda: operator.post(rules, {"document": wrong}), lambda: operator.put(path, {"document": wrong})):
        with nothing_written():
            problem = refused(send(), 400, "rules.invalid")
        assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
            ("/rules/0/effect/points", "wrong_value"),
            ("/rules/1/condition/field", "unknown_field"),
            ("/rules/2/condition/op", "unknown_operator"),
            ("/rules/3/condition/value", "wrong_value"),
            ("/rules/4/name", "wrong_value"),
        ]
        assert all(one["detail"] for one in problem["errors"])


@pytest.mark.parametrize(
    "body", [{}, {"document": None}, {"document": []}, {"document": "{}"}, {"document": PAPER, "more": 1}, PAPER]
)
def test_a_body_that_is_none_is_refused(operator: Actor, rules: str, body: Any) -> None:
    path = make(operator, rules)
    with nothing_written():
        refused(operator.post(rules, body), 400, "request.invalid")
        refused(operator.put(path, body), 400, "request.invalid")


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"field": "purchase.channel", "op": "in", "value": ["app"]}
    for _ in range(depth - 1):
        condition = {"all": [condition]}
    return condition


def test_the_deepest_condition_is_taken_and_no_deeper_one(operator: Actor, rules: str) -> None:
    make(operator, rules, rule_set(rule("deep", PER_EURO, condition=nested(6))))
    with nothing_written():
        deeper = operator.post(rules, {"document": rule_set(rule("deep", PER_EURO, condition=nested(7)))})
    assert deeper.status_code == 400
    assert deeper.json()["code"] in ("rules.invalid", "request.malformed")


def test_a_document_of_a_quarter_of_a_mebibyte_is_taken_and_none_larger(operator: Actor, rules: str) -> None:
    texts = ["x" * 190 + f"{number:04d}" for number in range(100)]
    asks = {"field": "purchase.store", "op": "in", "value": texts}
    document = rule_set(*[rule(f"r{number}", PER_EURO, condition=asks) for number in range(12)])
    body = json.dumps({"document": document}).encode()
    assert operator.post_raw(rules, body + b" " * (LARGEST_DOCUMENT - len(body))).status_code == 201
    with nothing_written():
        refused(operator.post_raw(rules, body + b" " * (LARGEST_DOCUMENT - len(body) + 1)), 413, "request.too_large")


@pytest.mark.django_db(transaction=True)
def test_what_counts_or_ended_is_no_draft(operator: Actor, rules: str) -> None:
    path = make(operator, rules)
    operator.post(f"{path}/activate")
    for state in ("active", "retired"):
        with nothing_written():
            assert refused(operator.put(path, {"document": PAPER}), 409, "rules.no_draft")["state"] == state
            assert refused(operator.post(f"{path}/activate"), 409, "rules.no_draft")["state"] == state
        operator.post(f"{path}/retire")
    with nothing_written():
        refused(operator.post(f"{path}/retire"), 409, "rules.retired")


def test_versions_that_would_overlap_are_refused(operator: Actor, rules: str) -> None:
    first, second, third = (make(operator, rules) for _ in range(3))
    operator.post(f"{first}/activate")
    saturday = in_days(2)
    operator.post(f"{second}/activate", {"at": saturday})
    with nothing_written():
        for body in ({}, {"at": in_days(1)}, {"at": saturday}):
            problem = refused(operator.post(f"{third}/activate", body), 409, "rules.another_scheduled")
            assert problem["starts_at"] == saturday
        refused(operator.post(f"{first}/retire", {"at": in_days(3)}), 409, "rules.another_scheduled")


@pytest.mark.parametrize("step", ["activate", "retire"])
@pytest.mark.parametrize("body", [{"at": "2026-03-01T00:00:00Z"}, {"at": None}, {"at": "2026-03-09"}, {"to": 1}])
def test_no_step_is_taken_in_the_past_or_at_no_instant(
    operator: Actor, rules: str, step: str, body: dict[str, Any]
) -> None:
    path = make(operator, rules)
    with nothing_written():
        refused(operator.post(f"{path}/{step}", body), 400, "request.invalid")


def test_a_draft_of_an_earlier_language_is_not_activated(
    operator: Actor, rules: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(operator, rules)
    from points.earning.rules import reading

    monkeypatch.setitem(reading._SET, "language", int)  # type: ignore[index]
    monkeypatch.setitem(reading._SET, "rules", str)  # type: ignore[index]
    with nothing_written():
        refused(operator.post(f"{path}/activate"), 400, "rules.invalid")


def test_there_are_so_many_drafts_and_no_more(operator: Actor, rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_DRAFTS", 1)
    path = make(operator, rules)
    with nothing_written():
        assert refused(operator.post(rules, {"document": PAPER}), 409, "rules.too_many_drafts")["most"] == 1
    operator.post(f"{path}/retire")
    make(operator, rules)


@pytest.mark.django_db(transaction=True)
def test_what_is_not_there_is_not_found(operator: Actor, plaza: Programme, rules: str) -> None:
    make(operator, rules)
    other = f"/api/v1/programmes/{make_programme(name='Piazza').id}/rules"
    nowhere = f"/api/v1/programmes/{new_id()}/rules"
    with nothing_written():
        for path, code in (
            (f"{rules}/2", "rules.version_not_found"),
            (f"{other}/1", "rules.version_not_found"),
            (f"{rules}/{10**30}", "rules.version_not_found"),
            (f"{nowhere}/1", "programmes.not_found"),
        ):
            refused(operator.get(path), 404, code)
            refused(operator.put(path, {"document": PAPER}), 404, code)
            refused(operator.post(f"{path}/activate"), 404, code)
            refused(operator.post(f"{path}/retire"), 404, code)
        refused(operator.get(nowhere), 404, "programmes.not_found")
        refused(operator.post(nowhere, {"document": PAPER}), 404, "programmes.not_found")


@pytest.mark.parametrize("role", ["member", "merchant", "analyst"])
def test_who_may_not_write_writes_nothing(
    role: str, operator: Actor, rules: str, request: pytest.FixtureRequest
) -> None:
    path, actor = make(operator, rules), request.getfixturevalue(role)
    with nothing_written():
        refused(actor.post(rules, {"document": PAPER}), 403, "auth.insufficient_scope")
        refused(actor.put(path, {"document": PAPER}), 403, "auth.insufficient_scope")
        refused(actor.post(f"{path}/activate"), 403, "auth.insufficient_scope")
        refused(actor.post(f"{path}/retire"), 403, "auth.insufficient_scope")


@pytest.mark.parametrize("role", ["member", "merchant"])
def test_what_a_programme_is_about_to_do_is_not_for_its_members(
    role: str, operator: Actor, rules: str, request: pytest.FixtureRequest
) -> None:
    path, actor = make(operator, rules), request.getfixturevalue(role)

    refused(actor.get(rules), 403, "auth.insufficient_scope")
    refused(actor.get(path), 403, "auth.insufficient_scope")


def test_a_programme_says_how_its_rules_round(operator: Actor, plaza: Programme, rules: str) -> None:
    assert operator.patch(f"/api/v1/programmes/{plaza.id}", {"rounding": "half_up"}).json()["rounding"] == "half_up"
    path = make(operator, rules)

    assert operator.post(f"{path}/activate").json()["rounding"] == "half_up"

    assert operator.patch(f"/api/v1/programmes/{plaza.id}", {"rounding": "ceil"}).json()["rounding"] == "ceil"
    assert operator.get(path).json()["rounding"] == "half_up"
    with nothing_written():
        refused(operator.patch(f"/api/v1/programmes/{plaza.id}", {"rounding": "up"}), 400, "request.invalid")


def test_rules_of_shoes_stay_as_they_were_said(operator: Actor, rules: str) -> None:
    document = rule_set(rule("shoes", PER_EURO, lines={"any": [SHOES]}), stacking="best")

    assert operator.get(make(operator, rules, document)).json()["document"] == document
    assert UUID(operator.get(f"{rules}/1").json()["changed_by"]) == operator.id
