"""Trying a purchase that does not exist: what it would earn, why, and that nothing is written."""

from datetime import timedelta
from typing import Any

import pytest

from points.earning import operations
from points.earning.queries import MEMORY
from points.earning.rules import Schema, Type
from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.programmes.rules import Programme
from shared import clock
from shared.clock import iso
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from tests.event_factories import let_earn, on
from tests.factories import AT, buy, make_programme
from tests.judging_factories import ONCE, buy_lines
from tests.rule_factories import PAPER, activated, draft
from tests.rules.earning.factories import DOUBLE, PER_EURO, fixed, rule, rule_set
from tests.segment_factories import know, make_segment, name_attributes

pytestmark = pytest.mark.django_db
PATH = "/api/v1/points/simulations"
LINES = [
    {"line_id": "1", "category": "shoes", "quantity": 1, "amount": 3333},
    {"line_id": "2", "category": "books", "quantity": 1, "amount": 1001},
]
CART: dict[str, Any] = {"amount": {"amount": 4334, "currency": "EUR"}, "lines": LINES}


@pytest.fixture
def plaza() -> Programme:
    return make_programme()


def tried(operator: Actor, **body: Any) -> dict[str, Any]:
    with nothing_written():
        answer = operator.post(PATH, {"purchase": CART} | body, key=None)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    adds_up(found)
    return found


def adds_up(found: dict[str, Any]) -> None:
    """Check that each way of adding points comes to the total."""
    lines = sum(line["points"] for line in found["lines"])
    assert found["points"] == lines + found["rest"] + found["fixed"]
    assert found["points"] == sum(rule["points"] for rule in found["rules"])
    assert found["points"] == sum(given["points"] for given in found["given"])
    for line in found["lines"]:
        assert line["points"] == sum(one["points"] for one in found["given"] if one["line_id"] == line["line_id"])
    for looked in found["rules"]:
        assert looked["points"] == sum(one["points"] for one in found["given"] if one["rule_id"] == looked["rule_id"])
        assert (looked["why"] is None) == (looked["points"] > 0)


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


def test_what_is_on_paper_is_what_comes_out(operator: Actor, plaza: Programme) -> None:
    activated(plaza)

    found = tried(operator)

    assert (found["version"], found["points"], found["fixed"], found["rest"]) == (1, 176, 100, 0)
    assert [(one["line_id"], one["points"], one["earning"]) for one in found["lines"]] == [
        ("1", 66, 3333),
        ("2", 10, 1001),
    ]
    assert [(one["rule_id"], one["points"], one["exact"]) for one in found["rules"]] == [
        ("base", 43, "2167/50"),
        ("double-shoes", 33, "3333/100"),
        ("welcome", 100, "100"),
    ]
    assert found["rules"][1]["lines"] == [
        {
            "line_id": "1",
            "condition": {
                "kind": "leaf",
                "is_met": True,
                "field": "line.category",
                "op": "eq",
                "asked": "shoes",
                "found": "shoes",
            },
        },
        {
            "line_id": "2",
            "condition": {
                "kind": "leaf",
                "is_met": False,
                "field": "line.category",
                "op": "eq",
                "asked": "shoes",
                "found": "books",
            },
        },
    ]


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


@pytest.mark.parametrize("body", [{"limits": "as_used"}, {"limits": "none"}, {"limits": None}, {"limits": 1}])
def test_limits_as_nobody_used_them_are_refused(operator: Actor, plaza: Programme, body: dict[str, Any]) -> None:
    activated(plaza)

    problem = refused(operator.post(PATH, {"purchase": CART} | body, key=None), 400, "request.invalid")

    assert [error["field"] for error in problem["errors"]] == ["limits"]


def test_a_rule_that_is_not_met_says_on_what_value(operator: Actor, plaza: Programme) -> None:
    app = {
        "all": [
            {"field": "purchase.channel", "op": "eq", "value": "app"},
            {"field": "time.date", "op": "gte", "value": "2026-01-01"},
        ]
    }
    document = rule_set(rule("app", fixed(5), condition=app))

    found = tried(operator, document=document, purchase=CART | {"channel": "till"})

    (only,) = found["rules"]
    assert (found["version"], only["is_met"], only["why"]) == (None, False, "condition")
    channel, day = only["condition"]["parts"]
    assert (channel["is_met"], channel["found"], day["is_met"]) == (False, "till", True)
    missing = tried(operator, document=document)["rules"][0]["condition"]["parts"][0]
    assert missing["is_missing"]


def test_a_limit_says_what_it_took(operator: Actor, plaza: Programme) -> None:
    limited = rule("base", PER_EURO, limits=[{"of": "points", "most": 30, "per": "month"}])

    (only,) = tried(operator, document=rule_set(limited))["rules"]

    assert (only["points"], only["trimmed"], only["limit"]) == (30, 13, {"of": "points", "period": "2026-03"})


def test_a_version_or_a_document_is_tried_before_it_counts(operator: Actor, plaza: Programme) -> None:
    activated(plaza)
    twice = rule_set(rule("base", PER_EURO), rule("double", DOUBLE))
    row = draft(plaza, twice)

    assert tried(operator, version=row.version)["points"] == 86
    assert tried(operator, document=twice)["points"] == 86
    assert tried(operator)["points"] == 176


def test_rules_are_those_of_the_instant(operator: Actor, plaza: Programme) -> None:
    activated(plaza)
    activated(plaza, rule_set(rule("base", fixed(7))), starts_at=clock.now() + timedelta(days=2), at=clock.now())

    assert tried(operator)["version"] == 1
    later = tried(operator, at=iso(clock.now() + timedelta(days=3)))
    assert (later["version"], later["points"]) == (2, 7)
    assert tried(operator, at=iso(AT))["at"] == iso(AT)


def test_a_programme_rounds_as_it_says(operator: Actor, plaza: Programme) -> None:
    document = rule_set(rule("base", PER_EURO))
    assert tried(operator, document=document)["points"] == 43

    change_programme(plaza.id, changes={"rounding": "ceil"}, at=AT)

    found = tried(operator, document=document)
    assert (found["points"], found["rounding"]) == (44, "ceil")


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


def test_only_what_is_paid_in_money_earns(operator: Actor, plaza: Programme) -> None:
    found = tried(operator, document=rule_set(rule("base", PER_EURO)), purchase=CART | {"money_amount": 1000})

    assert (found["points"], [line["earning"] for line in found["lines"]]) == (10, [769, 231])


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


REVIEW: dict[str, Any] = {"name": "review", "data": {"stars": 5}}


def test_an_event_that_does_not_exist_is_tried_as_one_that_is_told(operator: Actor, plaza: Programme) -> None:
    let_earn(on("review", 25), on("stars", 10, {"field": "event.data.stars", "op": "gte", "value": 5}), at=AT)

    found = tried_event(operator, event=REVIEW, at="2026-03-02T12:00:00Z")
    less = tried_event(operator, event={"name": "review", "data": {"stars": 4}})

    assert (found["version"], found["points"], found["fixed"], found["lines"]) == (1, 35, 35, [])
    assert [(one["rule_id"], one["is_met"], one["why"]) for one in less["rules"]] == [
        ("review", True, None),
        ("stars", False, "condition"),
    ]
    assert less["rules"][1]["condition"]["parts"][1]["found"] == 4


def test_more_points_than_the_programme_gives_at_once_are_named(operator: Actor, plaza: Programme) -> None:
    let_earn(on("many", 100_001), on("most", 100_000, event="visit"))

    assert tried_event(operator, event=REVIEW)["too_many_points"] is True
    assert tried_event(operator, event={"name": "visit"})["too_many_points"] is False


@pytest.mark.parametrize("multipliers", [0, 4])
def test_far_more_points_than_can_be_counted_are_named_too(operator: Actor, plaza: Programme, multipliers: int) -> None:
    most = {"kind": "multiplier", "hundredths": 10_000}
    base = rule("base", {"kind": "per_amount", "points": 1_000_000, "amount": 1})
    document = rule_set(base, *(rule(f"m{number}", most) for number in range(multipliers)))

    found = tried(operator, purchase={"amount": {"amount": 10**12, "currency": "EUR"}}, document=document)

    assert (found["points"], found["too_many_points"]) == (10**18 * 100**multipliers, True)


def test_an_event_is_tried_under_a_draft_for_a_segment(operator: Actor, plaza: Programme) -> None:
    let_earn()
    make_segment("vip")
    vip = {"field": "member.segments", "op": "has", "value": "vip"}
    draft(plaza, rule_set(on("vip", 7, vip)))

    assert tried_event(operator, event=REVIEW, version=2, segments=["vip"])["points"] == 7
    assert tried_event(operator, event=REVIEW, version=2)["points"] == 0


def test_an_event_that_could_not_be_told_is_not_tried(operator: Actor, plaza: Programme) -> None:
    let_earn()
    with nothing_written():
        for wrong, pointer in ({"name": "sale"}, "/name"), ({"name": "review", "data": {"stars": "5"}}, "/data/stars"):
            problem = refused(operator.post(PATH, {"event": wrong}), 400, "points.event_invalid")
            assert [one["pointer"] for one in problem["errors"]] == [pointer]
        for body in ({}, {"event": REVIEW, "purchase": CART}, {"event": {}}, {"event": []}, {"event": {"name": 7}}):
            refused(operator.post(PATH, body), 400, "request.invalid")


def tried_event(operator: Actor, **body: Any) -> dict[str, Any]:
    with nothing_written():
        answer = operator.post(PATH, body, key=None)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    adds_up(found)
    return found


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
