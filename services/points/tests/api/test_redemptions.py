from typing import Any

import pytest

from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme, prove

PATH = "/api/v1/points/redemptions"
BALANCE = "/api/v1/points/balance"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def points(member: Any) -> None:
    make_programme()
    give(member.id, 100, expires_at=None)


def test_spends_the_callers_own_points(member: Any) -> None:
    answer = member.post(PATH, {"points": 30, "reason": "coffee", "reference": "order-1"})

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["kind"], body["points"], body["change"], body["balance_after"]) == ("redeemed", 30, -30, 70)
    assert (body["member_id"], body["reference"], body["reason"]) == (str(member.id), "order-1", "coffee")
    assert body["entries"] == [
        {"bucket": "available", "points": -30, "balance_after": 70},
        {"bucket": "redeemed", "points": 30, "balance_after": 30},
    ]
    assert [part["points"] for part in body["lots"]] == [-30]
    assert member.get(BALANCE).json()["available"] == 70
    prove()


def test_the_same_key_gives_the_same_answer_and_spends_once(member: Any) -> None:
    body = {"points": 30, "reason": "coffee"}
    first = member.post(PATH, body, key="k")

    with nothing_written():
        second = member.post(PATH, body, key="k")

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second["Idempotent-Replayed"] == "true"


def test_refuses_more_than_there_is_and_stays_refused(member: Any) -> None:
    body = {"points": 101, "reason": "coffee"}
    with nothing_written():
        answer = member.post(PATH, body, key="k")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.insufficient")
    assert (answer.json()["requested"], answer.json()["available"]) == (101, 100)
    give(member.id, 100)
    with nothing_written():
        assert member.post(PATH, body, key="k").status_code == 409


def test_another_members_points_are_not_there(member: Any, other_member: Any) -> None:
    with nothing_written():
        answer = other_member.post(PATH, {"member_id": str(member.id), "points": 1, "reason": "theft"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_operator_may_spend_for_a_member(operator: Any, member: Any) -> None:
    answer = operator.post(PATH, {"member_id": str(member.id), "points": 1, "reason": "at the desk"})

    assert (answer.status_code, answer.json()["member_id"]) == (201, str(member.id))
