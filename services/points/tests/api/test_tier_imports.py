"""Tiers that members bring from another system, over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.tiers.models import TierImport
from points.tiers.operations import judge_periods
from shared import clock
from shared.contracts.tiers import TierChanged
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, UNKNOWN_ID, buy, give, make_programme, prove, take_back
from tests.tier_factories import ANNIVERSARY, ROLLING, by_hand, changes, code, make_tiers, tier

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme(lot_days=None)


@pytest.fixture
def imports(programme: Any) -> str:
    return f"/api/v1/programmes/{programme.id}/tiers/imports"


def one(who: Any, tier: str = "gold", **said: Any) -> dict[str, Any]:
    return {"member_id": str(getattr(who, "id", who)), "tier": tier} | said


def bring(operator: Actor, path: str, *members: Any, **more: Any) -> list[Any]:
    answer = operator.post(path, {"members": list(members)}, **more)
    assert answer.status_code == 200, answer.content
    return [found["error"]["code"] if found["error"] else found["status"] for found in answer.json()["results"]]


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content


def test_members_begin_with_what_they_had_and_the_same_again_changes_nothing(
    operator: Actor, member: Actor, other_member: Actor, imports: str
) -> None:
    make_tiers()
    since = AT - 100 * DAY
    answer = operator.post(
        imports, {"members": [one(member, since=clock.iso(since)), one(other_member, "silver")]}, key="one"
    )
    assert [found["status"] for found in answer.json()["results"]] == ["given", "given"], answer.content

    assert changes(member.id) == [(None, "gold", since, "imported")]
    found = member.get("/api/v1/points/tier").json()
    assert (found["tier"]["code"], found["since"], found["cause"]) == ("gold", clock.iso(since), "imported")
    made = TierImport.objects.get()
    assert (str(made.id), made.members, made.created_by) == (answer.json()["id"], 2, operator.id)
    assert {message.reference for message in published(TierChanged)} == {made.id}
    assert bring(operator, imports, one(member), one(other_member, "silver")) == ["unchanged"] * 2
    assert len(changes(member.id)) == 1
    prove()


def test_what_was_brought_is_older_than_the_tiers_of_the_programme(
    operator: Actor, member: Actor, other_member: Actor, imports: str
) -> None:
    make_tiers()
    since = AT - 100 * DAY
    assert bring(operator, imports, one(member, since=clock.iso(since))) == ["given"]

    def at(who: Actor, then: datetime) -> Any:
        found = who.get("/api/v1/points/tier", at=clock.iso(then)).json()
        return found["tier"] and found["tier"]["code"], found["since"], found["cause"]

    brought = ("gold", clock.iso(since), "imported")
    assert [at(member, then) for then in (since - DAY, since, AT - DAY, AT + DAY)] == [
        (None, None, None), brought, brought, brought,
    ]  # fmt: skip
    assert at(other_member, AT - DAY) == (None, None, None)


def test_each_is_decided_on_its_own(operator: Actor, member: Actor, other_member: Actor, imports: str) -> None:
    make_tiers()
    give(member.id, 500)
    gone = new_id()
    merge_members(from_member_id=gone, into_member_id=new_id(), reason="r", actor_id=operator.id, at=AT)
    late = clock.iso(clock.now() + DAY)

    assert bring(
        operator,
        imports,
        one(member, "silver"),
        one(member, "gold"),
        one(member, "platinum"),
        one(gone),
        one(other_member, since=late),
        one(other_member, until="2027-01-01"),
        one(other_member, colour="red"),
        {"tier": "gold"},
        "nonsense",
        one(other_member, "silver"),
        one(other_member, "diamond"),
    ) == [
        "tiers.not_higher", "unchanged", "tiers.unknown", "points.member_merged", "request.invalid",
        "tiers.period_not_taken", "request.invalid", "request.invalid", "request.invalid", "given", "given",
    ]  # fmt: skip
    assert (code(member.id), code(other_member.id)) == ("gold", "diamond")
    prove()


def test_who_never_registered_is_refused_where_the_programme_says_so(
    operator: Actor, member: Actor, imports: str, programme: Any
) -> None:
    make_tiers()
    assert bring(operator, imports, one(new_id())) == ["given"]
    change_programme(programme.id, changes={"unknown_members": "refuse"}, at=AT)

    assert bring(operator, imports, one(new_id()), one(member)) == ["members.unknown", "given"]


def test_no_return_takes_what_was_brought_and_the_periods_end_judges_it(
    operator: Actor, member: Actor, imports: str
) -> None:
    make_tiers()
    bring(operator, imports, one(member))
    shoes = buy(member.id, {"1": (1, 100_000)}, at=clock.now())
    take_back(shoes, at=clock.now())
    assert code(member.id, at=clock.now()) == "gold"

    judge_periods(at=clock.now() + 366 * DAY)
    assert [found[1] for found in changes(member.id)] == ["gold", "diamond", "gold", "silver"]
    prove()


def test_who_brought_how_many_is_listed_by_the_page_the_newest_first(
    operator: Actor, member: Actor, other_member: Actor, imports: str, programme: Any
) -> None:
    make_tiers()
    begun = clock.now()
    for members in ([one(member), one(other_member), one(new_id(), "platinum")], [one(new_id())], [one(member)]):
        bring(operator, imports, *members)

    first = operator.get(imports, page_size=2).json()
    rest = operator.get(path_of(first["next"])).json()

    found = first["results"] + rest["results"]
    assert [row["members"] for row in found] == [0, 1, 2]
    assert {(row["programme"], row["created_by"]) for row in found} == {(str(programme.id), str(operator.id))}
    assert [clock.iso(begun), *(row["created_at"] for row in found[::-1])] == sorted(
        [clock.iso(begun), *(row["created_at"] for row in found)]
    )
    assert {str(message.reference) for message in published(TierChanged)} == {found[1]["id"], found[2]["id"]}
    assert rest["next"] is None


def test_each_programme_lists_its_own_to_operators_alone(
    operator: Actor, member: Actor, analyst: Actor, imports: str
) -> None:
    assert operator.get(imports).json()["results"] == []
    make_tiers()
    bring(operator, imports, one(member))
    elsewhere = make_programme(name="Elsewhere").id

    assert operator.get(f"/api/v1/programmes/{elsewhere}/tiers/imports").json()["results"] == []
    refused(operator.get(f"/api/v1/programmes/{UNKNOWN_ID}/tiers/imports"), 404, "programmes.not_found")
    refused(operator.get(imports, page_size=201), 400, "request.invalid")
    for who in (member, analyst):
        refused(who.get(imports), 403, "auth.insufficient_scope")


@pytest.mark.parametrize("window", [ROLLING, ANNIVERSARY])
def test_a_period_of_the_members_own_ends_with_the_day_that_is_brought(
    operator: Actor, member: Actor, imports: str, window: dict[str, Any]
) -> None:
    make_tiers(window=window)
    last = clock.now().date() + 40 * DAY
    assert bring(operator, imports, one(member, until=last.isoformat())) == ["given"]

    assert tier(member.id, at=clock.now()).standing.period.end == last + DAY
    end = tier(member.id, at=clock.now()).until
    judge_periods(at=end)
    assert changes(member.id)[-1] == ("gold", "silver", end, "period_end")
    for wrong in (clock.now().date() - 2 * DAY, clock.now().date() + 2_000 * DAY):
        assert bring(operator, imports, one(new_id(), until=wrong.isoformat())) == ["tiers.period_not_taken"]


def test_below_a_tier_by_hand_what_was_brought_is_what_comes_after(
    operator: Actor, member: Actor, imports: str
) -> None:
    make_tiers()
    now: datetime = clock.now()
    by_hand(member.id, "silver", until=now + DAY, at=now)
    assert bring(operator, imports, one(member)) == ["given"]

    assert [code(member.id, at=at) for at in (now, now + DAY)] == ["silver", "gold"]
    prove()


def test_a_request_of_another_form_is_refused_as_a_whole(
    operator: Actor, member: Actor, imports: str, programme: Any
) -> None:
    with nothing_written():
        refused(operator.post(imports, {"members": [one(member)]}), 404, "tiers.not_found")
    make_tiers()
    with nothing_written():
        for body in ({}, {"members": []}, {"members": [one(member)] * 1_001}, {"members": {}}, [], {"rows": [1]}):
            refused(operator.post(imports, body), 400, "request.invalid")
        assert member.post(imports, {"members": [one(member)]}).status_code == 403
    nowhere = f"/api/v1/programmes/{UNKNOWN_ID}/tiers/imports"
    refused(operator.post(nowhere, {"members": [one(member)]}), 404, "programmes.not_found")
