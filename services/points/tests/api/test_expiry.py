"""Expiry as members see it: the day that they are told, the grace after it, and the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from points.expiry import operations
from points.programmes.operations import change_programme
from points.programmes.rules.expiry import Sliding
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, points_of, prove, register, spend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def programme(operator: Any) -> Any:
    """Make a programme in which points end with the month after the next, and ten days later can be spent no more."""
    policy = {"kind": "rolling", "count": 1, "unit": "month", "round_to": "month"}
    made = operator.post(
        "/api/v1/programmes",
        {"name": "Plaza", "currency": "EUR", "timezone": "Pacific/Tongatapu", "expiry": policy, "grace_days": 10},
    )
    assert made.status_code == 201, made.content
    return made.json()


def earn(operator: Any, member: Any) -> dict[str, Any]:
    """Give the member 100 points at noon of 30 January in UTC, which is 1:00 on the 31st in Tonga."""
    with time_machine.travel("2027-01-30T12:00:00Z", tick=False):
        body = {"member_id": str(member.id), "points": 100, "reason": "gift"}
        found: dict[str, Any] = operator.post("/api/v1/points/earnings", body).json()
        return found


def test_the_day_told_is_before_the_grace_and_the_end_after_it(operator: Any, member: Any) -> None:
    (lot,) = earn(operator, member)["lots"]
    assert (lot["expires_on"], lot["expires_at"]) == ("2027-02-28", "2027-03-10T11:00:00Z")

    with time_machine.travel("2027-02-01T12:00:00Z", tick=False):
        balance = member.get("/api/v1/points/balance").json()
        (same,) = member.get("/api/v1/points/lots").json()["results"]
        forecast = member.get("/api/v1/points/expiry-forecast").json()

    end = {"expires_on": "2027-02-28", "expires_at": "2027-03-10T11:00:00Z"}
    assert balance["expiring"] == [{"points": 100} | end]
    assert {name: same[name] for name in end} == end
    assert [(month["month"], month["points"]) for month in forecast["months"][:2]] == [
        ("2027-02-01", 100), ("2027-03-01", 0),
    ]  # fmt: skip


def test_points_in_their_grace_are_spent_and_dead_after_it(operator: Any, member: Any) -> None:
    earn(operator, member)
    body = {"points": 40, "reason": "reward"}

    with time_machine.travel("2027-03-10T10:59:59Z", tick=False):
        assert member.get("/api/v1/points/balance").json()["available"] == 100
        forecast = member.get("/api/v1/points/expiry-forecast").json()
        # Their day has passed: they stand in this month, and the sum is what can be spent.
        assert (forecast["months"][0]["points"], forecast["total"]) == (100, 100)
        assert member.post("/api/v1/points/redemptions", body).status_code == 201
    with time_machine.travel("2027-03-10T11:00:00Z", tick=False), nothing_written():
        assert member.get("/api/v1/points/balance").json()["available"] == 0
        assert member.post("/api/v1/points/redemptions", body).json()["code"] == "points.insufficient"
    assert operations.expire_all(at=datetime.fromisoformat("2027-03-10T11:00:00Z")) == (1, 60)
    prove()


def test_lots_keep_their_end_whatever_the_programme_says_later(
    operator: Any, member: Any, programme: dict[str, Any]
) -> None:
    earn(operator, member)
    changes = {"timezone": "Pacific/Pago_Pago", "grace_days": 0, "lot_days": 3}

    assert operator.patch(f"/api/v1/programmes/{programme['id']}", changes).status_code == 200

    with time_machine.travel("2027-02-01T12:00:00Z", tick=False):
        (lot,) = member.get("/api/v1/points/lots").json()["results"]
    assert (lot["expires_on"], lot["expires_at"]) == ("2027-02-28", "2027-03-10T11:00:00Z")


def test_a_transfer_keeps_the_day_that_is_told_and_the_grace(operator: Any, member: Any, other_member: Any) -> None:
    register(other_member.id)
    earn(operator, member)

    with time_machine.travel("2027-02-01T12:00:00Z", tick=False):
        body = {"to_member_id": str(other_member.id), "points": 30, "reason": "gift"}
        assert member.post("/api/v1/points/transfers", body).status_code == 201
        (lot,) = other_member.get("/api/v1/points/lots").json()["results"]

    assert (lot["points"], lot["expires_on"], lot["expires_at"]) == (30, "2027-02-28", "2027-03-10T11:00:00Z")


def test_a_statement_speaks_of_the_day_that_is_told(operator: Any, member: Any) -> None:
    earn(operator, member)

    with time_machine.travel("2027-02-01T12:00:00Z", tick=False):
        found = member.get("/api/v1/points/statement", **{"from": "2027-01-01"}).json()
        csv = member.get("/api/v1/points/statement", **{"from": "2027-01-01", "format": "csv"}).content.decode()

    assert [end["expires_on"] for end in found["expiring"]] == ["2027-02-28"]
    assert "expires,,2027-02-28,,,,-100,,2027-03-10T11:00:00Z,," in csv.replace("'", "")


def test_an_end_that_the_caller_names_has_no_grace(operator: Any, member: Any) -> None:
    body = {"member_id": str(member.id), "points": 5, "reason": "promotion", "expires_at": "2026-06-30T11:00:00Z"}
    operator.post("/api/v1/points/earnings", body)

    (lot,) = member.get("/api/v1/points/lots").json()["results"]

    # 11:00 in UTC is midnight in Tonga: the day that ends then is the last.
    assert (lot["expires_on"], lot["expires_at"]) == ("2026-06-30", "2026-06-30T11:00:00Z")


def test_a_late_job_lets_no_dead_points_be_held_sent_or_taken(operator: Any, member: Any, other_member: Any) -> None:
    register(other_member.id)
    earn(operator, member)
    paths = {
        "redemptions": {"points": 1, "reason": "r"},
        "holds": {"points": 1, "reference": "order-1"},
        "transfers": {"to_member_id": str(other_member.id), "points": 1, "reason": "r"},
    }

    with time_machine.travel("2027-03-12T11:00:00Z", tick=False), nothing_written():
        codes = [member.post(f"/api/v1/points/{path}", body).json()["code"] for path, body in paths.items()]

    assert codes == ["points.insufficient"] * 3


def test_many_dead_lots_of_a_sliding_programme_stay_dead(member: Any, programme: dict[str, Any]) -> None:
    change_programme(programme["id"], changes={"expiry": Sliding(1, "day"), "grace_days": 0}, at=AT)
    for _ in range(30):
        give(member.id, 1, at=AT)
    give(member.id, 7, at=AT + 9 * DAY)

    spend(member.id, 7, at=AT + 9 * DAY)

    assert points_of(member.id, at=AT + 9 * DAY) == (0, 0)
    assert operations.expire_all(at=AT + 9 * DAY) == (30, 30)
    prove()
