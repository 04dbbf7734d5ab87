"""Above a programme's limit a second person approves."""

from dataclasses import replace
from typing import Any

import pytest

from points.adjustments.models import AdjustmentDecision, AdjustmentRequest
from points.ledger.models import Transaction
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme, points_of, prove

PATH = "/api/v1/points/adjustments"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(member: Any) -> Any:
    made = make_programme(adjustment_limit=100)
    give(member.id, 50)
    return made


@pytest.fixture
def second(operator: Actor) -> Actor:
    return Actor(replace(operator.caller, id=new_id()))


def body_of(member: Any, points: int) -> dict[str, Any]:
    return {"member_id": str(member.id), "points": points, "reason": "ticket 7"}


def ask(operator: Any, member: Any, points: int = 101) -> str:
    answer = operator.post(PATH, body_of(member, points))
    assert answer.status_code == 202, answer.content
    found: str = answer.json()["id"]
    return found


@pytest.mark.parametrize("points", [100, -50])
def test_up_to_the_limit_one_person_is_enough(operator: Any, member: Any, points: int) -> None:
    assert operator.post(PATH, body_of(member, points)).status_code == 201


@pytest.mark.parametrize("points", [101, -101])
def test_above_the_limit_nothing_moves_until_a_second_person_approves(
    operator: Any, second: Any, member: Any, points: int
) -> None:
    give(member.id, 150)

    answer = operator.post(PATH, body_of(member, points))

    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert (body["state"], body["points"], body["reason"]) == ("pending", points, "ticket 7")
    assert (body["requested_by"], body["decided_by"]) == (str(operator.id), None)
    assert points_of(member.id) == (200, 0)

    approved = second.post(f"{PATH}/{body['id']}/approve", {"reason": "seen the ticket"}).json()

    assert (approved["state"], approved["decided_by"], approved["decision_reason"]) == (
        "approved", str(second.id), "seen the ticket",
    )  # fmt: skip
    assert points_of(member.id) == (200 + points, 0)
    kept = Transaction.objects.get(id=approved["transaction_id"])
    assert (kept.kind, kept.actor_id, kept.reason) == ("adjusted", operator.id, "ticket 7")
    assert operator.get(f"{PATH}/{body['id']}").json() == approved
    prove()


def test_a_second_person_rejects_and_nothing_moves(operator: Any, second: Any, member: Any) -> None:
    asked = ask(operator, member)

    answer = second.post(f"{PATH}/{asked}/reject", {"reason": "no such ticket"})

    assert (answer.status_code, answer.json()["state"], answer.json()["transaction_id"]) == (200, "rejected", None)
    assert points_of(member.id) == (50, 0)
    assert AdjustmentDecision.objects.get().decided_by == second.id


@pytest.mark.parametrize("move", ["approve", "reject"])
def test_the_same_person_decides_nothing(operator: Any, member: Any, move: str) -> None:
    asked = ask(operator, member)

    with nothing_written():
        answer = operator.post(f"{PATH}/{asked}/{move}")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.same_person")


@pytest.mark.parametrize("move", ["approve", "reject"])
def test_a_program_is_no_second_person(operator: Any, second: Any, member: Any, move: str) -> None:
    """Whoever makes one has its secret, and would be both."""
    asked, program = ask(operator, member), Actor(replace(operator.caller, id=new_id(), roles=("service",)))

    with nothing_written():
        answer = program.post(f"{PATH}/{asked}/{move}")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.same_person")
    assert second.post(f"{PATH}/{asked}/{move}").status_code == 200


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("then", ["approve", "reject"])
def test_what_is_decided_stays_decided(operator: Any, second: Any, member: Any, first: str, then: str) -> None:
    asked = ask(operator, member)
    state = second.post(f"{PATH}/{asked}/{first}").json()["state"]

    with nothing_written():
        answer = second.post(f"{PATH}/{asked}/{then}")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.adjustment_decided")
    assert answer.json()["state"] == state


def test_a_deduction_that_is_no_longer_covered_goes_on_waiting(operator: Any, second: Any, member: Any) -> None:
    asked = ask(operator, member, -101)

    with nothing_written():
        answer = second.post(f"{PATH}/{asked}/approve")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.insufficient")
    give(member.id, 51)
    assert second.post(f"{PATH}/{asked}/approve").status_code == 200


def test_the_same_key_asks_and_approves_once(operator: Any, second: Any, member: Any) -> None:
    first = operator.post(PATH, body_of(member, 101), key="k")
    assert operator.post(PATH, body_of(member, 101), key="k").content == first.content
    assert AdjustmentRequest.objects.count() == 1
    path = f"{PATH}/{first.json()['id']}/approve"
    assert second.post(path, key="a").content == second.post(path, key="a").content
    assert points_of(member.id) == (151, 0)


def test_a_batch_is_no_way_round_the_limit(operator: Any, member: Any) -> None:
    line = body_of(member, 101) | {"key": "1", "kind": "adjust"}

    with nothing_written():
        (result,) = operator.post("/api/v1/points/batches", {"postings": [line]}).json()["results"]

    assert (result["status"], result["error"]["code"], result["error"]["limit"]) == (
        "refused", "points.approval_needed", 100,
    )  # fmt: skip


def changed(who: Any, programme: Any, limit: int | None) -> int:
    status: int = who.patch(f"/api/v1/programmes/{programme.id}", {"adjustment_limit": limit}).status_code
    return status


@pytest.mark.parametrize("limit", [1000, None])
def test_whoever_raises_the_limit_is_bound_by_what_it_was(
    operator: Any, second: Any, member: Any, programme: Any, limit: int | None
) -> None:
    assert changed(operator, programme, limit) == 200
    assert changed(operator, programme, None) == 200

    assert operator.post(PATH, body_of(member, 101)).status_code == 202
    lines = [body_of(member, 60) | {"key": key, "kind": "adjust"} for key in "12"]
    results = operator.post("/api/v1/points/batches", {"postings": lines}).json()["results"]
    assert [result["status"] for result in results] == ["posted", "refused"]
    assert second.post(PATH, body_of(member, 101)).status_code == 201


def test_a_limit_that_is_as_low_again_binds_all_alike(operator: Any, second: Any, member: Any, programme: Any) -> None:
    for limit in (None, 60, 80):
        assert changed(operator, programme, limit) == 200

    assert operator.post(PATH, body_of(member, 61)).status_code == 202
    assert changed(second, programme, 300) == 200
    assert operator.post(PATH, body_of(member, 200)).status_code == 201
    assert second.post(PATH, body_of(member, 81)).status_code == 202


def test_nobody_approves_their_own_points(operator: Any, second: Any, member: Any) -> None:
    """Whose they are may reject them."""
    asked = operator.post(PATH, body_of(member, 101) | {"member_id": str(second.id)}).json()["id"]

    answer = second.post(f"{PATH}/{asked}/approve", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "points.same_person")
    assert points_of(second.id) == (0, 0)
    assert second.post(f"{PATH}/{asked}/reject", {}).status_code == 200


@pytest.mark.parametrize("limit", [-1, 1.5, "10", True, 10**12 + 1])
def test_limits_that_cannot_be(operator: Any, programme: Any, limit: Any) -> None:
    with nothing_written():
        answer = operator.patch(f"/api/v1/programmes/{programme.id}", {"adjustment_limit": limit})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("move", ["approve", "reject"])
def test_who_may_not_decide_and_what_is_not_there(operator: Any, second: Any, member: Any, move: str) -> None:
    path = f"{PATH}/{ask(operator, member)}/{move}"

    with nothing_written():
        assert member.post(path).status_code == 403
        assert second.post(path, {"reason": "x" * 201}).json()["code"] == "request.invalid"
        assert second.post(path, {"surprise": 1}).json()["code"] == "request.invalid"
        unknown = second.post(f"{PATH}/{new_id()}/{move}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "points.adjustment_not_found")
        assert second.get(f"{PATH}/{new_id()}").status_code == 404
        assert member.get(path.rpartition("/")[0]).status_code == 403


def test_those_that_wait_are_listed_by_cursor_apart_from_those_that_were_decided(
    operator: Any, second: Any, member: Any
) -> None:
    made = [ask(operator, member, 101 + number) for number in range(4)]
    approved = second.post(f"{PATH}/{made[1]}/approve", {"reason": "seen"}).json()
    second.post(f"{PATH}/{made[2]}/reject")

    def listed(**query: Any) -> list[str]:
        return [one["id"] for one in operator.get(PATH, **query).json()["results"]]

    assert listed() == made[::-1]
    assert listed(state="pending") == [made[3], made[0]]
    assert listed(state="rejected") == [made[2]]
    assert operator.get(PATH, state="approved").json()["results"] == [approved]
    first = operator.get(PATH, page_size=1, state="pending").json()
    assert [one["id"] for one in operator.get(first["next"]).json()["results"]] == [made[0]]


def test_who_may_not_list_adjustments_and_what_is_no_state(operator: Any, member: Any) -> None:
    assert member.get(PATH).status_code == 403
    for query in ({"state": "lost"}, {"surprise": "1"}, {"page_size": "0"}):
        assert operator.get(PATH, **query).json()["code"] == "request.invalid"
