"""Trying a purchase or an event that does not exist: what it would earn, why, and that nothing is written."""

from datetime import timedelta
from typing import Any

import pytest

from points.programmes.operations import change_programme
from points.programmes.rules import Programme
from shared import clock
from shared.clock import iso
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.simulation_requests import CART, PATH, REVIEW, adds_up, plaza, tried
from tests.event_factories import let_earn, on
from tests.factories import AT
from tests.rule_factories import activated, draft
from tests.rules.earning.factories import DOUBLE, PER_EURO, fixed, rule, rule_set
from tests.segment_factories import make_segment

__all__ = ["plaza"]  # fixtures
pytestmark = pytest.mark.django_db


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


def test_only_what_is_paid_in_money_earns(operator: Actor, plaza: Programme) -> None:
    found = tried(operator, document=rule_set(rule("base", PER_EURO)), purchase=CART | {"money_amount": 1000})

    assert (found["points"], [line["earning"] for line in found["lines"]]) == (10, [769, 231])


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


def tried_event(operator: Actor, **body: Any) -> dict[str, Any]:
    with nothing_written():
        answer = operator.post(PATH, body, key=None)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    adds_up(found)
    return found
