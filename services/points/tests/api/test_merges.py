from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.ledger.rules.earnings import Wait
from shared.contracts.auth import UserDeactivated
from shared.ids import new_id
from shared.testing.actors import path_of
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, hold, make_programme, prove

PATH = "/api/v1/points/merges"
BALANCE = "/api/v1/points/balance"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def points(member: Any) -> None:
    make_programme()
    give(member.id, 100)


def body_of(old: Any, new: Any, **more: Any) -> dict[str, Any]:
    return {"from_member_id": str(old.id), "into_member_id": str(new.id), "reason": "two cards"} | more


def test_gives_all_points_to_the_other_and_says_what_moved(member: Any, other_member: Any, operator: Any) -> None:
    give(member.id, 40, wait=Wait(in_days=9))

    answer = operator.post(PATH, body_of(member, other_member))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["from_member_id"], body["into_member_id"]) == (str(member.id), str(other_member.id))
    assert (body["reason"], body["merged_by"]) == ("two cards", str(operator.id))
    theirs = other_member.get(BALANCE).json()
    assert body["moved"] == [{"programme": theirs["programme"], "points": 140, "pending": 40, "owed": 0}]
    assert (theirs["available"], theirs["pending"], theirs["merged_into"]) == (100, 40, None)
    assert operator.get(f"{PATH}/{body['id']}").json() == body
    prove()


def test_the_old_member_sees_where_the_points_went_and_how(member: Any, other_member: Any, operator: Any) -> None:
    merge_id = operator.post(PATH, body_of(member, other_member)).json()["id"]

    found = member.get(BALANCE).json()
    (sent, _) = member.get("/api/v1/points/transactions").json()["results"]

    assert (found["available"], found["merged_into"]) == (0, str(other_member.id))
    assert (sent["kind"], sent["change"], sent["reference"]) == ("sent", -100, f"merge:{merge_id}")


def test_the_same_key_gives_the_same_answer_and_merges_once(member: Any, other_member: Any, operator: Any) -> None:
    first = operator.post(PATH, body_of(member, other_member), key="k")

    with nothing_written():
        second = operator.post(PATH, body_of(member, other_member), key="k")

    assert (second.status_code, second.content) == (201, first.content)
    assert second["Idempotent-Replayed"] == "true"


def test_a_member_is_merged_once(member: Any, other_member: Any, operator: Any) -> None:
    operator.post(PATH, body_of(member, other_member))

    with nothing_written():
        again, back = (
            operator.post(PATH, body_of(member, other_member)),
            operator.post(PATH, body_of(other_member, member)),
        )

    for answer in (again, back):
        assert (answer.status_code, answer.json()["code"]) == (409, "points.member_merged")
        assert answer.json()["merged_into"] == str(other_member.id)


def test_postings_for_the_old_member_are_refused(member: Any, other_member: Any, operator: Any) -> None:
    operator.post(PATH, body_of(member, other_member))
    line = {"key": "1", "kind": "earn", "member_id": str(member.id), "points": 5, "reason": "r"}

    with nothing_written():
        spent = member.post("/api/v1/points/redemptions", {"points": 1, "reason": "r"})
    (result,) = operator.post("/api/v1/points/batches", {"postings": [line]}).json()["results"]

    assert (spent.status_code, spent.json()["code"]) == (409, "points.member_merged")
    assert spent.json()["merged_into"] == str(other_member.id)
    assert result["error"]["code"] == "points.member_merged"


def test_open_holds_are_refused_or_given_back(member: Any, other_member: Any, operator: Any) -> None:
    made = operator.post("/api/v1/points/holds", {"member_id": str(member.id), "points": 30, "reference": "r"})

    with nothing_written():
        answer = operator.post(PATH, body_of(member, other_member))
    assert (answer.status_code, answer.json()["code"]) == (409, "points.holds_open")
    assert answer.json()["holds"] == [made.json()["id"]]

    assert operator.post(PATH, body_of(member, other_member, void_holds=True)).status_code == 201
    assert operator.get(f"/api/v1/points/holds/{made.json()['id']}").json()["state"] == "voided"
    assert other_member.get(BALANCE).json()["available"] == 100


def test_nobody_is_merged_into_themselves(member: Any, operator: Any) -> None:
    with nothing_written():
        answer = operator.post(PATH, body_of(member, member))

    assert (answer.status_code, answer.json()["code"]) == (409, "points.merge_with_oneself")


def test_without_the_scope_nobody_is_merged(member: Any, other_member: Any, operator: Any) -> None:
    hold(member.id, 1)
    body = body_of(member, other_member)
    with nothing_written():
        assert member.post(PATH, body).status_code == 403


def test_a_merge_is_read_by_operators(member: Any, other_member: Any, operator: Any) -> None:
    path = f"{PATH}/{operator.post(PATH, body_of(member, other_member)).json()['id']}"

    assert member.get(path).status_code == 403
    unknown = operator.get(f"{PATH}/{new_id()}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "points.merge_not_found")


def test_merges_are_listed_the_newest_first_by_either_side(member: Any, other_member: Any, operator: Any) -> None:
    last = SimpleNamespace(id=new_id())
    first = operator.post(PATH, body_of(member, other_member)).json()
    second = operator.post(PATH, body_of(other_member, last)).json()

    assert operator.get(PATH).json() == {"results": [second, first], "next": None, "previous": None}
    assert operator.get(PATH, member_id=str(member.id)).json()["results"] == [first]
    assert operator.get(PATH, member_id=str(other_member.id)).json()["results"] == [second, first]
    assert operator.get(PATH, member_id=str(new_id())).json()["results"] == []
    page = operator.get(PATH, page_size=1).json()
    assert page["results"] == [second]
    assert operator.get(path_of(page["next"])).json()["results"] == [first]


def test_a_page_of_merges_takes_as_many_statements_as_one(
    member: Any, other_member: Any, operator: Any, django_assert_num_queries: Any
) -> None:
    operator.post(PATH, body_of(member, other_member))
    with CaptureQueriesContext(connection) as one:
        operator.get(PATH)
    statements = len(one)
    for _ in range(3):
        operator.post(PATH, body_of(SimpleNamespace(id=new_id()), other_member))

    with django_assert_num_queries(statements):
        assert len(operator.get(PATH).json()["results"]) == 4


@pytest.mark.parametrize("query", [{"member_id": "me"}, {"page_size": "0"}, {"cursor": "x"}, {"colour": "red"}])
def test_a_list_of_merges_that_cannot_be_is_refused(operator: Any, member: Any, query: dict[str, str]) -> None:
    assert (operator.get(PATH, **query).status_code, operator.get(PATH, **query).json()["code"][:8]) == (
        400,
        "request.",
    )
    assert member.get(PATH).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"from_member_id": "nobody"},
        {"from_member_id": 5},
        {"from_member_id": None},
        {"into_member_id": "nobody"},
        {"into_member_id": None},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "a\x00b"},
        {"reason": None},
        {"void_holds": "yes"},
        {"void_holds": 1},
        {"void_holds": None},
        {"surprise": 1},
    ],
)
def test_fields_that_are_wrong_or_unknown(
    member: Any, other_member: Any, operator: Any, change: dict[str, Any]
) -> None:
    with nothing_written():
        answer = operator.post(PATH, body_of(member, other_member) | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_nobody_is_merged_into_who_was_shut_out(member: Any, other_member: Any, operator: Any) -> None:
    deliver(UserDeactivated(user_id=other_member.id, deactivated_at=AT))

    with nothing_written():
        answer = operator.post(PATH, body_of(member, other_member))

    assert (answer.status_code, answer.json()["code"]) == (409, "members.deactivated")


def test_the_points_of_who_was_shut_out_can_be_given_to_their_new_account(
    member: Any, other_member: Any, operator: Any
) -> None:
    deliver(UserDeactivated(user_id=member.id, deactivated_at=AT))

    assert operator.post(PATH, body_of(member, other_member)).status_code == 201
