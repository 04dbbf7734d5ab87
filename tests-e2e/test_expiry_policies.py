"""A programme says when points end, and its members see it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.points import POINTS, PROGRAMMES
from eventually import eventually
from people import Person

pytestmark = pytest.mark.usefixtures("default_programme")
# When the last day is over in Berlin.
ENDS = {
    "2024-02-29": "2024-02-29T23:00:00Z",
    "2024-03-31": "2024-03-31T22:00:00Z",
    "2024-12-31": "2024-12-31T23:00:00Z",
    "2025-01-31": "2025-01-31T23:00:00Z",
}
# No policy, no grace and no notice.
BAD: list[dict[str, Any]] = [
    {"expiry": {"kind": "sometimes"}},
    {"expiry": {"kind": "rolling", "count": 0, "unit": "day"}},
    {"expiry": {"kind": "rolling", "count": 101, "unit": "year"}},
    {"expiry": {"kind": "dates", "dates": ["02-30"]}},
    {"expiry": {"kind": "sliding", "count": 1, "unit": "year", "activities": ["slept"]}},
    {"expiry": {"kind": "never"}, "lot_days": 30},
    {"grace_days": 91},
    {"notice_days": [0]},
]


def ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def day_in(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days=days)).date())


@pytest.mark.parametrize(
    ("policy", "last"),
    [
        ({"kind": "never"}, None),
        ({"kind": "rolling", "count": 1, "unit": "month"}, "2024-02-29"),
        ({"kind": "rolling", "count": 1, "unit": "month", "round_to": "quarter"}, "2024-03-31"),
        ({"kind": "dates", "dates": ["06-30", "12-31"], "min_months": 6}, "2024-12-31"),
        ({"kind": "sliding", "count": 1, "unit": "year", "activities": ["redeemed"]}, "2025-01-31"),
    ],
)
def test_a_policy_says_the_last_day(operator: Person, member: Person, policy: dict[str, Any], last: str | None) -> None:
    old = {"max_purchase_age_days": 36_500}
    made = operator.points.make_programme("Policies", timezone="Europe/Berlin", expiry=policy, **old)
    assert policy.items() <= made["expiry"].items()

    # In Berlin it is the 31st of January already.
    earned = operator.points.earn(member.id, 10, programme=made["id"], occurred_at="2024-01-30T23:30:00Z")

    assert [part["expires_on"] for part in earned["lots"]] == [last]
    assert [part["expires_at"] for part in earned["lots"]] == [ENDS.get(last or "")]


def test_an_activity_gives_all_points_a_later_end(operator: Person, member: Person) -> None:
    policy = {"kind": "sliding", "count": 10, "unit": "day", "activities": ["redeemed"]}
    programme = operator.points.make_programme("Sliding", expiry=policy)["id"]
    for points, days in ((20, 7), (10, 4)):
        operator.points.earn(member.id, points, programme=programme, occurred_at=ago(days))
    assert [lot["expires_on"] for lot in member.points.lots(programme=programme)] == [day_in(3), day_in(6)]

    spent = member.points.redeem(5, programme=programme)["id"]

    assert [lot["expires_on"] for lot in member.points.lots(programme=programme)] == [day_in(10)] * 2
    for lot in member.ledger.explanation(programme=programme)["lots"]:
        assert [one["transaction_id"] for one in lot["extended_by"]] == [spent]


def test_a_forecast_says_what_ends_when(operator: Person, member: Person, other_member: Person) -> None:
    programme = operator.points.make_programme("Forecast", expiry={"kind": "never"})["id"]
    ends = datetime.now(UTC) + timedelta(days=3)
    operator.points.earn(member.id, 30, programme=programme, expires_at=ends.isoformat())
    operator.points.earn(other_member.id, 5, programme=programme)

    mine = ok(member.api.get(f"{POINTS}/expiry-forecast", programme=programme))
    all_of_it = ok(operator.api.get(f"{PROGRAMMES}/{programme}/expiry-forecast"))

    assert [one for one in mine["months"] if one["points"]] == [{"month": f"{ends:%Y-%m}-01", "points": 30, "lots": 1}]
    assert (mine["never"], mine["total"], all_of_it["never"], all_of_it["total"]) == (0, 30, 5, 35)
    refused(other_member.api.get(f"{POINTS}/expiry-forecast", programme=programme, member_id=member.id), 404)
    refused(member.api.get(f"{PROGRAMMES}/{programme}/expiry-forecast"), 403)


def test_new_terms_are_for_points_to_come(operator: Person, member: Person) -> None:
    made = operator.points.make_programme("Changes", expiry={"kind": "never"})
    path, days = f"{PROGRAMMES}/{made['id']}", {"kind": "rolling", "count": 30, "unit": "day"}
    before = operator.points.earn(member.id, 10, programme=made["id"])

    changed = ok(operator.api.send("PATCH", path, json={"name": "Changed", "expiry": days}))

    assert (changed["name"], changed["expiry"].items() >= days.items()) == ("Changed", True)
    # Each process of the service remembers the old terms for a second.
    eventually(lambda: ok(member.api.get(path)), changed)
    eventually(lambda: operator.points.earn(member.id, 1, programme=made["id"])["lots"][0]["expires_on"], day_in(30))
    ends = {lot["id"]: lot["expires_on"] for lot in member.points.lots(programme=made["id"])}
    assert ends[before["id"]] is None


def test_a_policy_that_is_none_is_refused(operator: Person, member: Person) -> None:
    terms = {"name": "Stays", "currency": "EUR", "timezone": "UTC", "expiry": {"kind": "never"}, "grace_days": 3}
    made = sent_twice(operator.api, PROGRAMMES, terms)
    operator.points.earn(member.id, 10, programme=made["id"])
    path = f"{PROGRAMMES}/{made['id']}"

    with nothing_moves(made["id"], member):
        for change in BAD:
            refused(operator.api.send("PATCH", path, json=change), 400, "request.invalid")
            new = {"name": "Bad", "currency": "EUR", "timezone": "UTC", **change}
            refused(operator.api.post(PROGRAMMES, new), 400, "request.invalid")
        refused(member.api.send("PATCH", path, json={"grace_days": 1}), 403)
    assert ok(operator.api.get(path)) == made
