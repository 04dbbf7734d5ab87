"""A tier in grace, a tier as of then, and what no rule can do, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from points.ledger.operations import merge_members
from points.tiers.operations import judge_periods
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.factories import AT, UNKNOWN_ID, give, make_programme
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.tier_factories import by_hand, make_tiers

pytestmark = pytest.mark.django_db
TIER = "/api/v1/points/tier"
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
# In Berlin; 60 days of grace after the second year.
FIRST, SECOND = datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 12, 31, 23, tzinfo=UTC)
END = SECOND + 60 * DAY
GOLD, SILVER = {"code": "gold", "name": "Gold"}, {"code": "silver", "name": "Silver"}


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme(lot_days=None)


def then(actor: Actor, at: datetime, **said: Any) -> tuple[Any, ...]:
    answer = actor.get(TIER, at=clock.iso(at), **said)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    return found["tier"] and found["tier"]["code"], found["since"], found["cause"]


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json().get("errors")


def test_a_member_in_grace_sees_until_when_and_what_it_takes(member: Actor) -> None:
    make_tiers(grace_days=60)
    give(member.id, 500)
    give(member.id, 90, at=FIRST + DAY)
    give(member.id, 150, at=SECOND + DAY)

    with time_machine.travel(SECOND + 2 * DAY, tick=False):
        found = member.get(TIER).json()
        assert (found["tier"], found["cause"], found["progress"]) == (GOLD, "earned", 150)
        assert found["stay"] == {"needed": 400, "missing": 250}
        assert found["grace_until"] == found["until"] == "2028-02-29T23:00:00Z"
        assert found["projected"] == SILVER
    with time_machine.travel(END, tick=False):
        found = member.get(TIER).json()
        assert (found["tier"], found["cause"], found["grace_until"]) == (SILVER, "grace_ended", None)
        assert (found["since"], found["until"]) == ("2028-02-29T23:00:00Z", "2028-12-31T23:00:00Z")


@pytest.mark.parametrize("is_judged", [True, False])
def test_a_tier_as_of_then_is_what_it_was_and_the_rest_is_not_known(
    member: Actor, operator: Actor, programme: Any, *, is_judged: bool
) -> None:
    make_tiers()
    give(member.id, 500, at=AT + DAY)
    if is_judged:
        judge_periods(at=SECOND + 9 * DAY)

    with time_machine.travel(SECOND + 9 * DAY, tick=False):
        gold, silver = clock.iso(AT + DAY), clock.iso(SECOND)
        told = {
            AT - INSTANT: (None, None, None),
            AT: (None, None, None),
            AT + DAY - INSTANT: (None, None, None),
            AT + DAY: ("gold", gold, "earned"),
            SECOND - INSTANT: ("gold", gold, "earned"),
            SECOND: ("silver", silver, "period_end"),
            SECOND + 9 * DAY: ("silver", silver, "period_end"),
        }
        assert {at: then(member, at) for at in told} == told
        assert {at: then(operator, at, member_id=str(member.id)) for at in told} == told
        assert member.get(TIER, at=clock.iso(SECOND - INSTANT)).json() == {
            "member_id": str(member.id),
            "programme": str(programme.id),
            "tier": GOLD,
            "since": gold,
            "cause": "earned",
            "override": None,
            "metric": "points",
            "event": None,
            "field": None,
            "progress": None,
            "next_tier": None,
            "stay": None,
            "until": None,
            "grace_until": None,
            "projected": None,
            "merged_into": None,
        }


def test_as_of_then_there_was_a_tier_by_hand_until_its_end(member: Actor) -> None:
    make_tiers({"code": "base", "name": "Base", "enter": 0}, {"code": "gold", "name": "Gold", "enter": 500})
    by_hand(member.id, "gold", until=AT + 5 * DAY, at=AT + DAY)

    assert then(member, AT) == ("base", None, None)
    assert then(member, AT + 2 * DAY) == ("gold", clock.iso(AT + DAY), "override")
    with time_machine.travel(AT + 9 * DAY, tick=False):
        assert then(member, AT + 5 * DAY) == ("base", clock.iso(AT + 5 * DAY), "override_ended")


def test_a_merged_member_had_the_tier_until_then(member: Actor, operator: Actor) -> None:
    make_tiers()
    gone = new_id()
    give(gone, 100)
    merge_members(from_member_id=gone, into_member_id=member.id, reason="r", actor_id=operator.id, at=AT + DAY)

    for who, found, into in ((gone, ["silver", None], str(member.id)), (member.id, [None, "silver"], None)):
        assert [then(operator, at, member_id=str(who))[0] for at in (AT, AT + DAY)] == found
        with time_machine.travel(AT + DAY, tick=False):
            said = operator.get(f"/api/v1/points/tier?member_id={who}").json()
        assert (said["since"], said["cause"], said["merged_into"]) == (clock.iso(AT + DAY), "merged", into)


def test_who_never_had_anything_has_the_lowest_tier_since_there_are_tiers(member: Actor) -> None:
    make_tiers({"code": "base", "name": "Base", "enter": 0}, at=AT + DAY)

    assert [then(member, at)[0] for at in (AT, AT + DAY)] == [None, "base"]


def test_what_is_to_come_is_refused_and_anothers_tier_is_nobodys(
    member: Actor, other_member: Actor, operator: Actor
) -> None:
    make_tiers()
    give(member.id, 500)
    late = clock.iso(clock.now() + DAY)
    assert [one["code"] for one in refused(member.get(TIER, at=late), 400, "request.invalid")] == ["in_future"]
    for wrong in ("2026-03-01", "yesterday", "2026-03-01T12:00:00", ""):
        refused(member.get(TIER, at=wrong), 400, "request.invalid")
    at = clock.iso(AT)
    assert other_member.get(TIER, member_id=member.id, at=at).status_code == 404
    refused(member.get(TIER, programme=UNKNOWN_ID, at=at), 404, "programmes.not_found")


def test_a_rule_that_begins_with_a_change_of_the_tier_is_refused_with_a_pointer(
    operator: Actor, programme: Any
) -> None:
    make_tiers()
    path = f"/api/v1/programmes/{programme.id}/rules"
    wrong = rule_set(rule("circle", fixed(100)) | {"trigger": "tier_changed"})
    with nothing_written():
        errors = refused(operator.post(path, {"document": wrong}), 400, "rules.invalid")

    assert [one["pointer"] for one in errors] == ["/rules/0/trigger"]
