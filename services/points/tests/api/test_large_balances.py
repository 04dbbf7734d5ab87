"""An account counts to 10^15 in and out: what would go beyond is refused, whoever asks and however."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from points.expiry import operations as ending
from points.ledger import operations
from points.ledger.models import Transaction
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Kind, Posted
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, make_programme, posting, spend
from tests.voucher_factories import claim, make_campaign

POINTS = "/api/v1/points"
MOST = 10**15
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    make_programme()


def adjust(member: Actor, points: int) -> Posted:
    """Give a member, or take from them, so many points by an adjustment."""
    return operations.post_one(posting(Kind.ADJUSTED, member.id, points), at=AT)


def refused(ask: Callable[[], Any]) -> None:
    with nothing_written():
        answer = ask()

    assert (answer.status_code, answer.json()["code"]) == (409, "points.balance_too_large"), answer.content


def test_an_earning(member: Actor, operator: Actor) -> None:
    give(member.id, MOST)

    refused(lambda: operator.post(f"{POINTS}/earnings", {"member_id": str(member.id), "points": 1, "reason": "gift"}))


def test_an_adjustment(member: Actor, operator: Actor) -> None:
    adjust(member, MOST)

    body = {"member_id": str(member.id), "points": 1, "reason": "ticket 7"}
    refused(lambda: operator.post(f"{POINTS}/adjustments", body))


def test_an_adjustment_that_a_second_person_approves(member: Actor, operator: Actor) -> None:
    adjust(member, MOST)
    change_programme(default_programme().id, changes={"adjustment_limit": 1}, at=AT)
    body = {"member_id": str(member.id), "points": 2, "reason": "ticket 7"}
    asked = operator.post(f"{POINTS}/adjustments", body).json()["id"]

    second = Actor(replace(operator.caller, id=new_id()))
    refused(lambda: second.post(f"{POINTS}/adjustments/{asked}/approve"))


def test_a_transfer(member: Actor, other_member: Actor) -> None:
    give(member.id, 1)
    adjust(other_member, MOST)

    body = {"to_member_id": str(other_member.id), "points": 1, "reason": "gift"}
    refused(lambda: member.post(f"{POINTS}/transfers", body))


def test_a_reversal(member: Actor, operator: Actor) -> None:
    adjust(member, MOST)
    taken = adjust(member, -1).id
    adjust(member, 1)

    refused(lambda: operator.post(f"{POINTS}/transactions/{taken}/reversal", {"reason": "mistake"}))


def merge(old: Actor, new: Actor) -> dict[str, Any]:
    return {"from_member_id": str(old.id), "into_member_id": str(new.id), "reason": "two cards"}


def test_a_merge(member: Actor, other_member: Actor, operator: Actor) -> None:
    give(member.id, 1, wait=Wait(in_days=9))
    give(other_member.id, MOST)

    refused(lambda: operator.post(f"{POINTS}/merges", merge(member, other_member)))


def test_a_return_that_gives_points_back_to_a_member_who_was_merged_since(
    member: Actor, other_member: Actor, operator: Actor
) -> None:
    give(member.id, 50)
    bought = buy(member.id, {"1": (1, 50)}, redemption_ids=(spend(member.id, 50).id,))
    assert operator.post(f"{POINTS}/merges", merge(member, other_member)).status_code == 201
    adjust(other_member, MOST)

    refused(lambda: operator.post(f"{POINTS}/purchases/{bought.payment_id}/returns", {"return_id": "r-1"}))


def test_a_reinstatement_for_a_member_who_was_merged_since(member: Actor, other_member: Actor, operator: Actor) -> None:
    give(member.id, 100, expires_at=AT + timedelta(days=2))
    ending.expire_all(at=AT + timedelta(days=2))
    expiry = Transaction.objects.get(kind="expired").id
    assert operator.post(f"{POINTS}/merges", merge(member, other_member)).status_code == 201
    adjust(other_member, MOST)

    body = {"member_id": str(other_member.id), "transaction_id": str(expiry), "reason": "was ill"}
    refused(lambda: operator.post(f"{POINTS}/reinstatements", body))


def test_the_price_of_a_voucher_that_a_member_who_was_merged_since_gives_back(
    member: Actor, other_member: Actor, operator: Actor
) -> None:
    give(member.id, 5)
    voucher = claim(make_campaign(codes=1, price_points=5), member.id)
    assert operator.post(f"{POINTS}/merges", merge(member, other_member)).status_code == 201
    adjust(other_member, MOST)

    refused(lambda: operator.post(f"/api/v1/vouchers/{voucher.code}/cancel"))
