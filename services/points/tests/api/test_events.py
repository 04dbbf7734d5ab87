"""Events that merchants and operators tell, and what members earn by them."""

from datetime import timedelta
from typing import Any

import pytest

from points.events.models import EventRules
from points.ledger.models import Transaction
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.events import EventRecorded
from shared.contracts.points import PointsEarned, PointsPending
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT_ID
from tests.api.event_requests import ENDING, GOOD, LATER, PATH, books_are_right, refused, tell
from tests.event_factories import REVIEW, let_earn, on
from tests.factories import AT, points_of

__all__ = ["books_are_right"]  # fixtures
pytestmark = pytest.mark.django_db


def test_an_event_earns_by_rules_and_says_what(merchant: Actor, member: Actor) -> None:
    made = tell(merchant)

    assert made == {
        "id": made["id"],
        "event_id": "review-1",
        "trigger": "event",
        "name": "review",
        "member_id": str(member.id),
        "programme": str(default_programme().id),
        "merchant_id": str(MERCHANT_ID),
        "occurred_at": "2026-03-01T12:00:00Z",
        "recorded_at": made["recorded_at"],
        "data": {"stars": 5, "is_public": True},
        "points": 35,
        "no_points_reason": None,
        "rules_version": 1,
        "transaction_id": made["transaction_id"],
        "reversed_by": None,
    }
    assert points_of(member.id) == (35, 0)
    assert merchant.get(f"{PATH}/{made['id']}").json() == made
    (earned,) = published(PointsEarned)
    assert [(one.id, one.version, one.points) for one in earned.rules] == [("review", 1, 25), ("stars", 1, 10)]
    (said,) = published(EventRecorded)
    assert (str(said.id), said.event_id, said.points, str(said.transaction_id)) == (
        made["id"],
        "review-1",
        35,
        made["transaction_id"],
    )


def test_told_again_it_answers_what_it_earned_and_earns_once(merchant: Actor, member: Actor) -> None:
    first = tell(merchant)

    with nothing_written():
        again = [tell(merchant), tell(merchant, data={"is_public": True, "stars": 5})]

    assert again == [first, first]
    assert points_of(member.id) == (35, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": str(new_id())},
        {"name": "visit", "data": {}},
        {"occurred_at": "2026-03-01T13:00:01+01:00"},
        {"data": {"stars": 4, "is_public": True}},
        {"data": {"stars": 5, "is_public": 1}},
        {"data": {"stars": 5}},
    ],
)
def test_told_again_with_other_content_it_is_refused(merchant: Actor, change: dict[str, Any]) -> None:
    tell(merchant)
    with nothing_written():
        refused(merchant.post(PATH, GOOD | change), 409, "points.event_id_reused")


def test_told_again_it_is_known_whatever_the_programme_has_become(merchant: Actor, operator: Actor) -> None:
    first = tell(merchant)
    found = default_programme()
    schema = f"/api/v1/programmes/{found.id}/rule-schema"
    rules = f"/api/v1/programmes/{found.id}/rules/1/retire"
    assert operator.post(rules, {}).status_code == 200
    assert operator.put(schema, {}).status_code == 200
    change_programme(found.id, changes={"status": "closed", "merchants": []}, at=clock.now())

    with nothing_written():
        assert tell(merchant) == first


def test_a_request_with_the_same_key_has_the_same_answer(merchant: Actor) -> None:
    first = merchant.post(PATH, GOOD, key="k")

    with nothing_written():
        assert merchant.post(PATH, GOOD, key="k").content == first.content


def test_a_late_event_earns_by_the_rules_of_its_own_instant(merchant: Actor) -> None:
    let_earn(on("better", 50), at=AT + timedelta(days=1))

    early, late = (tell(merchant, event_id=name, occurred_at=f"2026-03-0{name}T12:00:00Z") for name in "13")

    assert [(one["points"], one["rules_version"]) for one in (early, late)] == [(35, 1), (50, 2)]


def test_without_rules_at_its_instant_it_is_noted_and_earns_nothing(merchant: Actor) -> None:
    made = tell(merchant, occurred_at="2026-01-01T00:00:00Z")

    assert (made["points"], made["no_points_reason"], made["rules_version"], made["transaction_id"]) == (
        0,
        "no_rules",
        None,
        None,
    )
    assert not EventRules.objects.exists()
    (said,) = published(EventRecorded)
    assert (said.points, said.no_points_reason) == (0, "no_rules")


def test_an_event_that_no_rule_wants_is_noted_by_its_version(merchant: Actor) -> None:
    made = tell(merchant, name="visit", data={})

    assert (made["points"], made["no_points_reason"], made["rules_version"], made["transaction_id"]) == (
        0,
        None,
        1,
        None,
    )


def test_points_that_wait_or_end_at_other_times_come_by_transactions_of_their_own(
    merchant: Actor, member: Actor
) -> None:
    let_earn(REVIEW, LATER, ENDING, on("more", 1), at=AT - timedelta(hours=1))

    made = tell(merchant)

    assert (made["points"], points_of(member.id)) == (40, (30, 0))
    said = [*published(PointsEarned), *published(PointsPending)]
    by_rules = {tuple(one.id for one in message.rules): message.points for message in said}
    assert by_rules == {("review", "more"): 26, ("ending",): 4, ("later",): 10}
    keys = dict(Transaction.objects.values_list("source_key", "points"))
    first = f"event:{made['id']}:earn"
    assert keys == {first: 26, f"{first}:2": 10, f"{first}:3": 4}
    for transaction_id in Transaction.objects.values_list("id", flat=True):
        explained = member.get(f"/api/v1/points/transactions/{transaction_id}/explanation").json()
        assert explained["event"] == made
        together = explained["by_rules"]["transactions"]
        assert [(one["rules"], one["points"]) for one in together] == [
            (["review", "more"], 26), (["later"], 10), (["ending"], 4)
        ]  # fmt: skip
        assert together[0]["transaction_id"] == made["transaction_id"]
    assert tell(merchant) == made


def test_its_points_wait_and_end_as_its_rules_say(merchant: Actor, member: Actor) -> None:
    waits = REVIEW | {"pending_days": 30, "lifetime": {"kind": "rolling", "count": 1, "unit": "month"}}
    let_earn(waits, at=AT - timedelta(hours=1))

    made = tell(merchant)

    (pending,) = member.get("/api/v1/points/pending").json()["results"]
    assert (made["points"], pending["points"], pending["activates_at"]) == (25, 25, "2026-03-31T22:00:00Z")
    assert points_of(member.id) == (0, 0)
