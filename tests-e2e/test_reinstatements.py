"""Points that ended come back by a person's word: with a new end, in steps, and never more than ended."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.ledger import ADJUSTMENTS, REINSTATEMENTS, purchase
from clients.points import POINTS
from conftest import Command
from people import Merchant, Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Goodwill")["id"])


@pytest.fixture
def expired(operator: Person, member: Person, programme: str, manage: Command) -> str:
    """The transaction that expired 100 points of the member's, earned long ago."""
    return expiry_of(operator, member, programme, manage, points=100)


def expiry_of(operator: Person, member: Person, programme: str, manage: Command, *, points: int) -> str:
    operator.points.earn(member.id, points, programme=programme, occurred_at=long_ago())
    return end_of(member, programme, manage, points=points)


def long_ago() -> str:
    return (datetime.now(UTC) - timedelta(days=400)).isoformat()


def end_of(member: Person, programme: str, manage: Command, *, points: int) -> str:
    """Let the job expire what a member got long ago; return the transaction."""
    manage("points", "expire_points")
    [posted] = member.points.transactions(programme=programme, kind="expired")
    assert (posted["change"], member.points.balance(programme=programme)) == (-points, 0)
    return str(posted["id"])


def body_of(member: Person, transaction_id: str, **more: Any) -> dict[str, Any]:
    return {"member_id": member.id, "transaction_id": transaction_id, "reason": "goodwill", **more}


def test_they_come_back_in_steps_with_the_end_that_is_named(
    operator: Person, member: Person, programme: str, expired: str
) -> None:
    body = body_of(member, expired, points=60, expires_in_days=30)

    done = sent_twice(operator.api, REINSTATEMENTS, body)

    day = (datetime.now(UTC) + timedelta(days=30)).date()
    assert (done["kind"], done["change"], done["balance_after"]) == ("reinstated", 60, 60)
    [lot] = member.points.lots(programme=programme)
    assert lot["remaining"] == 60
    assert lot["expires_on"] in (str(day), str(day - timedelta(days=1)))  # where midnight came between
    with nothing_moves(programme, member):
        answer = operator.api.post(REINSTATEMENTS, body_of(member, expired, points=41))
        assert refused(answer, 409, "points.reinstatement_too_large")["reinstatable"] == 40
    operator.ledger.reinstate(member.id, expired)
    assert member.ledger.buckets(programme=programme) == (100, 0, 0, 0)
    refused(operator.api.post(REINSTATEMENTS, body_of(member, expired)), 409, "points.reinstatement_too_large")
    member.points.redeem(100, programme=programme)


def test_they_pay_what_is_owed_first(
    operator: Person, member: Person, merchant: Merchant, programme: str, expired: str
) -> None:
    recorded = merchant.system.ledger.record(purchase(member.id, ("book", 1, 3_000), programme=programme))
    member.points.redeem(30, programme=programme)
    merchant.system.ledger.give_back(recorded["id"])
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, -30)

    operator.ledger.reinstate(member.id, expired)

    assert member.ledger.buckets(programme=programme) == (70, 0, 0, 0)


def test_what_did_not_end_is_refused(operator: Person, member: Person, programme: str, expired: str) -> None:
    [earned] = member.points.transactions(programme=programme, kind="earned")
    today = datetime.now(UTC).date()
    bodies: list[tuple[dict[str, Any], int, str]] = [
        (body_of(member, earned["id"]), 409, "points.not_an_expiry"),
        (body_of(member, str(uuid4())), 404, "points.transaction_not_found"),
        (body_of(member, expired, expires_on=str(today - timedelta(days=2))), 422, "points.reinstatement_in_past"),
        (body_of(member, expired, expires_on=str(today), expires_in_days=1), 400, "request.invalid"),
        (body_of(member, expired, points=0), 400, "request.invalid"),
        (body_of(member, expired, reason=""), 400, "request.invalid"),
    ]

    with nothing_moves(programme, member):
        for body, status, code in bodies:
            refused(operator.api.post(REINSTATEMENTS, body), status, code)


def test_above_the_limit_a_second_person_is_to_be_asked(
    operator: Person, colleague: Person, member: Person, manage: Command
) -> None:
    programme = str(operator.points.make_programme("Goodwill of two", adjustment_limit=200)["id"])
    gift = {"member_id": member.id, "points": 201, "reason": "a gift", "programme": programme}
    asked = ok(operator.api.post(f"{POINTS}/earnings", {**gift, "occurred_at": long_ago()}), 202)
    ok(colleague.api.post(f"{ADJUSTMENTS}/{asked['id']}/approve"))
    expired = end_of(member, programme, manage, points=201)
    with nothing_moves(programme, member):
        refused(operator.api.post(REINSTATEMENTS, body_of(member, expired)), 409, "points.approval_needed")

    operator.ledger.reinstate(member.id, expired, points=200)

    assert member.points.balance(programme=programme) == 200


def test_it_is_for_operators_and_for_the_member_who_had_them(
    operator: Person, member: Person, other_member: Person, programme: str, expired: str
) -> None:
    with nothing_moves(programme, member, other_member):
        for stranger in (member, other_member):
            refused(stranger.api.post(REINSTATEMENTS, body_of(member, expired)), 403)
        refused(operator.api.post(REINSTATEMENTS, body_of(other_member, expired)), 404, "points.transaction_not_found")
    refused(other_member.api.get(f"{POINTS}/transactions/{expired}"), 404, "points.transaction_not_found")
    assert ok(member.api.get(f"{POINTS}/transactions/{expired}"))["kind"] == "expired"
