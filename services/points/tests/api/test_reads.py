from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.ids import new_id
from shared.testing.actors import path_of
from tests.factories import UNKNOWN_ID, give, make_programme, spend

BALANCE = "/api/v1/points/balance"
TRANSACTIONS = "/api/v1/points/transactions"
LOTS = "/api/v1/points/lots"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def test_a_member_without_points_has_none(member: Any, programme: Any) -> None:
    body = member.get(BALANCE).json()

    as_of = body.pop("as_of")
    assert as_of.endswith("Z")
    assert body == {
        "member_id": str(member.id),
        "programme": str(programme.id),
        "available": 0,
        "held": 0,
        "pending": 0,
        "deficit": 0,
        "next_activation": None,
        "merged_into": None,
        "expiring": [],
    }


def test_points_whose_time_has_passed_are_not_available_before_the_job_has_run(member: Any) -> None:
    at = clock.now()
    give(member.id, 100, at=at - timedelta(days=9), expires_at=at - timedelta(days=1))
    give(member.id, 7, expires_at=at + timedelta(days=1))

    body = member.get(BALANCE).json()

    assert (body["available"], [part["points"] for part in body["expiring"]]) == (7, [7])
    assert [lot["points"] for lot in member.get(LOTS).json()["results"]] == [7]


def test_expiring_points_are_added_up_by_their_end(member: Any) -> None:
    ends_at = clock.now() + timedelta(days=1)
    for points in (1, 2):
        give(member.id, points, expires_at=ends_at)

    assert member.get(BALANCE).json()["expiring"] == [
        {"points": 3, "expires_at": clock.iso(ends_at), "expires_on": "2026-03-05"}
    ]


def test_an_operator_reads_a_members_balance(operator: Any, member: Any) -> None:
    give(member.id, 5)

    assert operator.get(f"/api/v1/points/members/{member.id}/balance").json()["available"] == 5


def test_a_member_reads_the_own_balance_by_id_too(member: Any) -> None:
    assert member.get(f"/api/v1/points/members/{member.id}/balance").status_code == 200


def test_nothing_of_another_member_can_be_read(member: Any, other_member: Any) -> None:
    earned = give(member.id, 5)

    answers = [
        other_member.get(f"/api/v1/points/members/{member.id}/balance"),
        other_member.get(TRANSACTIONS, member_id=member.id),
        other_member.get(f"{TRANSACTIONS}/{earned.id}"),
        other_member.get(LOTS, member_id=member.id),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert other_member.get(f"{TRANSACTIONS}/{new_id()}").json()["code"] == answers[2].json()["code"]
    assert other_member.get(TRANSACTIONS).json()["results"] == []


@pytest.mark.parametrize("path", [BALANCE, TRANSACTIONS, LOTS, f"{TRANSACTIONS}/{UNKNOWN_ID}"])
def test_nothing_is_read_without_the_scope(path: str, analyst: Any) -> None:
    assert analyst.get(path).status_code == 403


def test_transactions_come_newest_first_and_each_once(member: Any) -> None:
    posted = [give(member.id, points) for points in range(1, 8)]

    path, found = f"{TRANSACTIONS}?page_size=3", []
    while path:
        page = member.get(path).json()
        found += page["results"]
        path = page["next"] and path_of(page["next"])

    assert [one["id"] for one in found] == [str(fact.id) for fact in reversed(posted)]


def test_a_listed_transaction_is_the_one_that_was_answered(operator: Any, member: Any) -> None:
    body = {"member_id": str(member.id), "points": 120, "reason": "gift"}
    answered = operator.post("/api/v1/points/earnings", body).json()

    assert member.get(TRANSACTIONS).json()["results"] == [answered]
    assert member.get(f"{TRANSACTIONS}/{answered['id']}").json() == answered


def test_transactions_are_filtered(member: Any) -> None:
    at = clock.now()
    give(member.id, 10, at=at - timedelta(days=2), reference="a")
    give(member.id, 20, at=at, reference="b")
    spend(member.id, 5, at=at)

    def points(**query: Any) -> list[int]:
        return [one["points"] for one in member.get(TRANSACTIONS, **query).json()["results"]]

    assert points(kind="earned") == [20, 10]
    assert points(reference="a") == [10]
    assert points(**{"from": (at - timedelta(days=1)).isoformat()}) == [5, 20]
    assert points(to=(at - timedelta(days=1)).isoformat()) == [10]


@pytest.mark.parametrize(
    "query",
    [{"kind": "stolen"}, {"from": "yesterday"}, {"member_id": "x"}, {"page_size": 0}, {"colour": "red"}],
)
def test_a_wrong_filter_is_refused(member: Any, query: dict[str, Any]) -> None:
    answer = member.get(TRANSACTIONS, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_an_unknown_programme_is_not_found(member: Any) -> None:
    assert member.get(BALANCE, programme=str(new_id())).json()["code"] == "programmes.not_found"


@pytest.mark.parametrize("path", [TRANSACTIONS, LOTS])
def test_a_page_takes_the_same_number_of_statements_whatever_its_length(
    member: Any, path: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        give(member.id, 5)

    with django_assert_max_num_queries(7):
        assert len(member.get(path).json()["results"]) == 30


def test_a_day_alone_is_the_programmes_and_as_an_end_its_end(member: Any) -> None:
    # Berlin's 5 March is from 23:00 UTC of the 4th until 23:00 UTC of the 5th.
    for points, at in enumerate(
        ["2026-03-04T22:59:59Z", "2026-03-04T23:00:00Z", "2026-03-05T22:59:59Z", "2026-03-05T23:00:00Z"], 1
    ):
        give(member.id, points, at=datetime.fromisoformat(at))

    of_day = member.get(TRANSACTIONS, **{"from": "2026-03-05", "to": "2026-03-05"}).json()["results"]
    of_instants = member.get(TRANSACTIONS, **{"from": "2026-03-05T00:00:00+01:00", "to": "2026-03-05T23:00:00Z"})

    assert [one["points"] for one in of_day] == [3, 2]
    assert of_instants.json()["results"] == of_day
