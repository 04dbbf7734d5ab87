"""Tiers of a programme, and of members, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from points.ledger.operations import reverse_transaction
from points.tiers.models import TierScheme
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.proofs import nothing_written
from tests.factories import AT, UNKNOWN_ID, buy, give, make_programme
from tests.rule_factories import activated
from tests.rules.earning.factories import DOUBLE, PER_EURO, rule, rule_set
from tests.tier_factories import DIAMOND, GOLD, SILVER, code, document, make_tiers

pytestmark = pytest.mark.django_db
TIER, CHANGES = "/api/v1/points/tier", "/api/v1/points/tier/changes"


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


@pytest.fixture
def tiers(programme: Any) -> str:
    return f"/api/v1/programmes/{programme.id}/tiers"


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json().get("errors")


def test_a_programme_says_its_tiers_and_the_same_again_changes_nothing(
    operator: Actor, member: Actor, tiers: str, programme: Any
) -> None:
    refused(member.get(tiers), 404, "tiers.not_found")
    made = operator.put(tiers, {"document": document()})
    assert made.status_code == 200, made.content
    filled = document(upgrade="at_once", returns="at_once", downgrade="one")
    said = made.json()
    assert (said["version"], said["document"], said["timezone"]) == (1, filled, "Europe/Berlin")

    assert operator.put(tiers, {"document": document()}).json() == said
    assert member.get(tiers).json() == said
    changed = operator.put(tiers, {"document": document(SILVER, GOLD, DIAMOND, downgrade="all")}).json()
    assert (changed["version"], changed["document"]["downgrade"]) == (2, "all")
    assert TierScheme.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"metric": "nights"}, "/metric", "wrong_value"),
        ({"colour": "red"}, "/colour", "unknown_member"),
        ({"window": {"kind": "calendar"}}, "/window", "member_missing"),
        ({"window": {"kind": "calendar", "month": 13}}, "/window/month", "wrong_value"),
        ({"window": {"kind": "calendar", "month": True}}, "/window/month", "wrong_value"),
        ({"window": {"kind": "rolling", "days": 0}}, "/window/days", "wrong_value"),
        ({"window": {"kind": ["x"]}}, "/window", "wrong_value"),
        ({"window": {"kind": "rolling", "days": 30}, "upgrade": "period_end"}, "/upgrade", "not_with_rolling"),
        ({"downgrade": 1}, "/downgrade", "wrong_value"),
        ({"notice_days": 91}, "/notice_days", "wrong_value"),
        ({"notice_days": None}, "/notice_days", "wrong_value"),
        ({"grace_days": 367}, "/grace_days", "wrong_value"),
        ({"grace_days": True}, "/grace_days", "wrong_value"),
        ({"metric": {"kind": "events", "name": "\0"}}, "/metric/name", "wrong_value"),
        ({"metric": {"kind": "field", "event": "\0", "field": "km"}}, "/metric/event", "wrong_value"),
        ({"metric": {"kind": "field", "event": "workout", "field": "\0"}}, "/metric/field", "wrong_value"),
        ({"requalify": 1}, "/requalify", "wrong_value"),
        ({"requalify": None}, "/requalify", "wrong_value"),
        ({"tiers": []}, "/tiers", "no_list"),
        ({"tiers": [SILVER] * 101}, "/tiers", "no_list"),
        ({"tiers": [SILVER, GOLD | {"code": "silver"}]}, "/tiers/1/code", "named_twice"),
        ({"tiers": [GOLD, SILVER | {"enter": 400, "stay": 400}]}, "/tiers/1/enter", "not_in_order"),
        ({"tiers": [GOLD, DIAMOND | {"stay": 399}]}, "/tiers/1/stay", "not_in_order"),
        ({"tiers": [GOLD | {"stay": 501}]}, "/tiers/0/stay", "more_than_enter"),
        ({"tiers": [GOLD | {"enter": 1.5}]}, "/tiers/0/enter", "wrong_value"),
        ({"tiers": [GOLD | {"enter": 10**16}]}, "/tiers/0/enter", "wrong_value"),
        ({"tiers": [GOLD | {"code": "Gold!"}]}, "/tiers/0/code", "wrong_value"),
        ({"tiers": [GOLD | {"name": ""}]}, "/tiers/0/name", "wrong_value"),
        ({"tiers": [GOLD | {"name": " \u00a0"}]}, "/tiers/0/name", "wrong_value"),
        ({"tiers": [GOLD | {"colour": "red"}]}, "/tiers/0/colour", "unknown_member"),
        ({"tiers": [{"code": "gold", "name": "Gold"}]}, "/tiers/0", "member_missing"),
        ({"tiers": ["gold"]}, "/tiers/0", "no_object"),
    ],
)
def test_what_says_no_tiers_is_refused_with_pointers(
    operator: Actor, tiers: str, said: dict[str, Any], pointer: str, code: str
) -> None:
    with nothing_written():
        errors = refused(operator.put(tiers, {"document": document() | said}), 400, "tiers.invalid")

    assert {(one["pointer"], one["code"]) for one in errors} == {(pointer, code)}


def test_a_document_without_what_it_must_have_is_refused(operator: Actor, tiers: str) -> None:
    errors = refused(operator.put(tiers, {"document": {}}), 400, "tiers.invalid")

    assert [one["code"] for one in errors] == ["member_missing"] * 3
    refused(operator.put(tiers, {"document": []}), 400, "request.invalid")
    nowhere = f"/api/v1/programmes/{UNKNOWN_ID}/tiers"
    refused(operator.get(nowhere), 404, "programmes.not_found")
    refused(operator.put(nowhere, {"document": document()}), 404, "programmes.not_found")


@pytest.mark.django_db(transaction=True)
def test_members_keep_tiers_that_there_were(operator: Actor, tiers: str) -> None:
    make_tiers()
    with nothing_written():
        errors = refused(operator.put(tiers, {"document": document(SILVER, GOLD)}), 400, "tiers.invalid")

    assert [(one["pointer"], one["code"]) for one in errors] == [("/tiers", "tier_missing")]


def test_a_member_sees_the_tier_and_what_it_takes(member: Actor, programme: Any) -> None:
    make_tiers()
    before = member.get(TIER)
    assert before.status_code == 200, before.content
    assert before.json() == {
        "member_id": str(member.id),
        "programme": str(programme.id),
        "tier": None,
        "since": None,
        "cause": None,
        "override": None,
        "metric": "points",
        "event": None,
        "field": None,
        "progress": 0,
        "next_tier": {"code": "silver", "name": "Silver", "missing": 100},
        "stay": None,
        "until": "2026-12-31T23:00:00Z",
        "grace_until": None,
        "projected": None,
        "merged_into": None,
    }

    earned = give(member.id, 450, at=AT + timedelta(hours=1))
    assert member.get(TIER).json() == before.json() | {
        "tier": {"code": "silver", "name": "Silver"},
        "since": "2026-03-01T13:00:00Z",
        "cause": "earned",
        "progress": 450,
        "next_tier": {"code": "gold", "name": "Gold", "missing": 50},
        "stay": {"needed": 80, "missing": 0},
        "projected": {"code": "silver", "name": "Silver"},
    }
    assert member.get(CHANGES).json()["results"] == [
        {
            "number": 1,
            "before": None,
            "after": "silver",
            "changed_at": "2026-03-01T13:00:00Z",
            "cause": "earned",
            "reference": str(earned.id),
        }
    ]


def test_changes_come_by_the_page_the_newest_first(member: Actor, operator: Actor) -> None:
    make_tiers()
    give(member.id, 100)
    big = give(member.id, 400)
    reverse_transaction(big.id, reason="wrong", actor_id=operator.id, at=AT)

    first = operator.get(CHANGES, member_id=member.id, page_size=2).json()
    assert [(one["before"], one["after"], one["cause"]) for one in first["results"]] == [
        ("gold", "silver", "taken_back"),
        ("silver", "gold", "earned"),
    ]
    assert [one["after"] for one in operator.get(path_of(first["next"])).json()["results"]] == ["silver"]


def test_nobody_sees_anothers_tier(member: Actor, other_member: Actor, operator: Actor) -> None:
    make_tiers()
    give(member.id, 100)
    for path in (TIER, CHANGES):
        assert other_member.get(path, member_id=member.id).status_code == 404
        refused(member.get(path, programme=UNKNOWN_ID), 404, "programmes.not_found")
    assert operator.get(TIER, member_id=member.id).json()["tier"]["code"] == "silver"
    assert operator.get(TIER, member_id=new_id()).json()["tier"] is None


def test_a_programme_without_tiers_has_none(member: Actor) -> None:
    give(member.id, 100)
    for path in (TIER, CHANGES):
        refused(member.get(path), 404, "tiers.not_found")


GOLD_DOUBLES = rule_set(
    rule("base", PER_EURO),
    rule("gold", DOUBLE, condition={"field": "member.tier", "op": "in", "value": ["gold", "diamond"]}),
)


def test_a_rule_asks_the_tier_before_its_own_purchase(member: Actor, programme: Any) -> None:
    make_tiers()
    activated(programme, GOLD_DOUBLES)

    first = buy(member.id, {"shoes": (1, 60_000)})
    assert (first.points, code(member.id)) == (600, "gold")
    assert buy(member.id, {"shoes": (1, 10_000)}).points == 200


def test_a_document_names_tiers_that_there_are(operator: Actor, programme: Any) -> None:
    path = f"/api/v1/programmes/{programme.id}/rules"
    for _ in range(2):
        errors = refused(operator.post(path, {"document": GOLD_DOUBLES}), 400, "rules.invalid")
        assert [(one["pointer"], one["code"]) for one in errors] == [("/rules/1/condition/value", "unknown_tier")]
        make_tiers(SILVER)
    make_tiers()
    assert operator.post(path, {"document": GOLD_DOUBLES}).status_code == 201


def test_a_simulation_knows_the_tier_and_takes_another(operator: Actor, member: Actor) -> None:
    make_tiers()
    give(member.id, 500)
    cart = {"document": GOLD_DOUBLES, "purchase": {"amount": {"amount": 1_000, "currency": "EUR"}}}

    def points(**said: Any) -> int:
        answer = operator.post("/api/v1/points/simulations", cart | said)
        assert answer.status_code == 200, answer.content
        return int(answer.json()["points"])

    assert (points(), points(member_id=str(member.id)), points(tier="gold")) == (10, 20, 20)
    assert points(member_id=str(member.id), tier="silver") == 10


def test_an_earning_over_http_moves_the_tier(operator: Actor, member: Actor) -> None:
    make_tiers()
    body = {"member_id": str(member.id), "points": 100, "reason": "gift"}
    answer = operator.post("/api/v1/points/earnings", body)
    assert answer.status_code == 201, answer.content

    assert member.get(TIER).json()["tier"] == {"code": "silver", "name": "Silver"}


def test_a_programme_answers_nothing_of_its_tiers_but_by_them(operator: Actor, programme: Any) -> None:
    make_tiers()

    assert "has_tiers" not in operator.get(f"/api/v1/programmes/{programme.id}").json()
