from typing import Any

import pytest

from shared.contracts.auth import UserDeactivated, UserRegistered
from shared.ids import new_id
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, points_of, prove

PATH = "/api/v1/points/transfers"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def points(member: Any) -> None:
    make_programme()
    give(member.id, 100)


def gift(to: Any, points: Any = 30, **more: Any) -> dict[str, Any]:
    return {"to_member_id": str(to.id), "points": points, "reason": "birthday"} | more


def test_gives_the_callers_points_to_another_and_publishes_nothing_of_the_others_balance(
    member: Any, other_member: Any
) -> None:
    give(other_member.id, 7)

    answer = member.post(PATH, gift(other_member))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["from_member_id"], body["to_member_id"]) == (str(member.id), str(other_member.id))
    assert (body["points"], body["balance_after"], body["reason"]) == (30, 70, "birthday")
    assert (points_of(member.id), points_of(other_member.id)) == ((70, 0), (37, 0))
    assert member.get(f"/api/v1/points/transactions/{body['sent_id']}").json()["kind"] == "sent"
    assert member.get(f"/api/v1/points/transactions/{body['received_id']}").status_code == 404
    assert other_member.get(f"/api/v1/points/transactions/{body['received_id']}").json()["kind"] == "received"
    prove()


def test_the_same_key_gives_the_same_answer_and_transfers_once(member: Any, other_member: Any) -> None:
    first = member.post(PATH, gift(other_member), key="k")

    with nothing_written():
        second = member.post(PATH, gift(other_member), key="k")

    assert (second.status_code, second.content) == (201, first.content)
    assert second["Idempotent-Replayed"] == "true"


def test_refuses_more_than_there_is_and_oneself(member: Any, other_member: Any) -> None:
    with nothing_written():
        short, oneself = member.post(PATH, gift(other_member, 101)), member.post(PATH, gift(member))

    assert (short.status_code, short.json()["code"]) == (409, "points.insufficient")
    assert (oneself.status_code, oneself.json()["code"]) == (409, "points.transfer_to_oneself")


def test_refuses_a_closed_programme(member: Any, other_member: Any, operator: Any) -> None:
    (programme,) = operator.get("/api/v1/programmes").json()["results"]
    operator.patch(f"/api/v1/programmes/{programme['id']}", {"status": "closed"})

    with nothing_written():
        answer = member.post(PATH, gift(other_member))

    assert (answer.status_code, answer.json()["code"]) == (409, "programmes.closed")


def test_a_member_gives_away_nobody_elses_points_but_an_operator_may(
    member: Any, other_member: Any, operator: Any
) -> None:
    body = gift(other_member, from_member_id=str(member.id))
    with nothing_written():
        assert other_member.post(PATH, body).status_code == 404

    assert operator.post(PATH, body).status_code == 201


def test_without_the_scope_nothing_is_given(member: Any, other_member: Any, analyst: Any) -> None:
    body = gift(other_member)
    with nothing_written():
        assert analyst.post(PATH, body).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"points": 0},
        {"points": -1},
        {"points": 1.5},
        {"points": "10"},
        {"points": 10**12 + 1},
        {"points": 2**64},
        {"points": None},
        {"to_member_id": "nobody"},
        {"to_member_id": 5},
        {"to_member_id": None},
        {"from_member_id": "nobody"},
        {"programme": 1},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "a\x00b"},
        {"surprise": 1},
    ],
)
def test_fields_that_are_wrong_or_unknown(member: Any, other_member: Any, change: dict[str, Any]) -> None:
    with nothing_written():
        answer = member.post(PATH, gift(other_member) | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_refuses_who_never_registered_and_the_same_key_is_good_once_the_word_has_come(member: Any) -> None:
    new = new_id()
    body = {"to_member_id": str(new), "points": 30, "reason": "birthday"}
    with nothing_written():
        answer = member.post(PATH, body, key="k")

    assert (answer.status_code, answer.json()["code"]) == (409, "members.unknown")
    assert (answer.json()["member_id"], answer["Retry-After"]) == (str(new), "1")

    deliver(UserRegistered(user_id=new, roles=["member"], merchant_id=None, registered_at=AT))
    assert member.post(PATH, body, key="k").status_code == 201
    assert points_of(new) == (30, 0)


def test_refuses_who_was_deactivated_for_good(member: Any, other_member: Any) -> None:
    deliver(UserDeactivated(user_id=other_member.id, deactivated_at=AT))

    with nothing_written():
        answer = member.post(PATH, gift(other_member))

    assert (answer.status_code, answer.json()["code"]) == (409, "members.deactivated")
    assert "Retry-After" not in answer
