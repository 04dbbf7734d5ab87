"""Tiers by hand over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from points.ledger.operations import merge_members
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.proofs import nothing_written
from tests.factories import AT, UNKNOWN_ID, give, make_programme
from tests.tier_factories import by_hand, make_tiers

pytestmark = pytest.mark.django_db
TIER, CHANGES = "/api/v1/points/tier", "/api/v1/points/tier/changes"


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


@pytest.fixture
def overrides(programme: Any) -> str:
    return f"/api/v1/programmes/{programme.id}/tiers/overrides"


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json()


def body(member: Actor, **said: Any) -> dict[str, Any]:
    return {"member_id": str(member.id), "tier": "gold", "reason": "a friend of the house"} | said


def test_an_operator_gives_a_tier_and_ends_it_and_all_is_listed(
    operator: Actor, member: Actor, overrides: str, programme: Any
) -> None:
    make_tiers()
    give(member.id, 100)
    made = operator.post(overrides, body(member, until="2026-05-01T00:00:00Z"))
    assert made.status_code == 201, made.content
    given = made.json()
    assert given == body(member) | {
        "id": given["id"],
        "programme": str(programme.id),
        "until": "2026-05-01T00:00:00Z",
        "created_at": given["created_at"],
        "created_by": str(operator.id),
        "ended_at": None,
        "ended_by": None,
    }
    seen = member.get(TIER).json()
    assert seen["tier"] == seen["projected"] | {"code": "gold", "name": "Gold"}
    assert (seen["cause"], seen["override"]) == ("override", {"until": "2026-05-01T00:00:00Z"})
    assert (seen["stay"]["needed"], seen["next_tier"]["code"]) == (80, "diamond")

    ended = operator.post(f"{overrides}/{given['id']}/end").json()
    assert ended == given | {"ended_at": ended["ended_at"], "ended_by": str(operator.id)}
    assert ended["ended_at"] >= given["created_at"]
    assert operator.post(f"{overrides}/{given['id']}/end").json() == ended
    assert (member.get(TIER).json()["tier"]["code"], member.get(TIER).json()["override"]) == ("silver", None)
    [last, *_] = member.get(CHANGES).json()["results"]
    assert (last["cause"], last["reference"]) == ("override_ended", given["id"])


def test_a_list_comes_by_the_page_the_newest_first(operator: Actor, overrides: str) -> None:
    make_tiers()
    members = [new_id() for _ in range(3)]
    for one in members:
        operator.post(overrides, {"member_id": str(one), "tier": "gold", "reason": "a friend"})

    def listed(path: str, **query: Any) -> Any:
        return operator.get(path, **query).json()

    first = listed(overrides, page_size=2)
    rest = listed(path_of(first["next"]))
    assert [one["member_id"] for one in first["results"] + rest["results"]] == [str(one) for one in members[::-1]]


def test_one_that_is_over_says_so_though_no_job_has_run(operator: Actor, member: Actor, overrides: str) -> None:
    make_tiers()
    by_hand(member.id, "gold", until=AT + timedelta(days=1))

    [found] = operator.get(overrides).json()["results"]
    assert found["ended_at"] == found["until"] == "2026-03-02T12:00:00Z"


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_is_refused_and_writes_nothing(operator: Actor, member: Actor, overrides: str) -> None:
    refused(operator.post(overrides, body(member)), 404, "tiers.not_found")
    make_tiers()
    with nothing_written():
        refused(operator.post(overrides, body(member, tier="platinum")), 400, "tiers.unknown")
        refused(operator.post(overrides, body(member, until="2026-03-01T12:00:00Z")), 400, "tiers.override_over")
        for wrong in ({"reason": ""}, {"reason": "x" * 201}, {"tier": 7}, {"until": "2026-05-01"}, {"member_id": "me"}):
            refused(operator.post(overrides, body(member, **wrong)), 400, "request.invalid")
        refused(operator.post(f"{overrides}/{UNKNOWN_ID}/end"), 404, "tiers.override_not_found")
        elsewhere = overrides.replace(overrides.split("/")[4], str(UNKNOWN_ID))
        refused(operator.post(elsewhere, body(member)), 404, "programmes.not_found")
        refused(operator.get(elsewhere), 404, "programmes.not_found")
    given = operator.post(overrides, body(member)).json()
    assert refused(operator.post(overrides, body(member)), 409, "tiers.overridden")["override_id"] == given["id"]


def test_who_is_no_operator_gives_none(member: Actor, analyst: Actor, overrides: str) -> None:
    make_tiers()
    for who in (member, analyst):
        refused(who.post(overrides, body(member)), 403, "auth.insufficient_scope")
        refused(who.post(f"{overrides}/{UNKNOWN_ID}/end"), 403, "auth.insufficient_scope")
    refused(member.get(overrides), 403, "auth.insufficient_scope")


def test_who_is_another_by_now_or_never_registered_is_given_none(
    operator: Actor, member: Actor, other_member: Actor, overrides: str, programme: Any
) -> None:
    make_tiers()
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="", actor_id=operator.id, at=AT
    )  # fmt: skip

    merged = refused(operator.post(overrides, body(member)), 409, "points.member_merged")
    assert merged["merged_into"] == str(other_member.id)
    operator.patch(f"/api/v1/programmes/{programme.id}", {"unknown_members": "refuse"})
    refused(operator.post(overrides, body(member) | {"member_id": str(new_id())}), 409, "members.unknown")


def test_a_programme_that_is_not_there_ends_none(operator: Actor) -> None:
    path = f"/api/v1/programmes/{UNKNOWN_ID}/tiers/overrides/{new_id()}/end"

    refused(operator.post(path), 404, "programmes.not_found")
