"""A voucher bought for points: its price comes back with its cancellation, and in no other way."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from points.ledger.models import Lot, Transaction
from points.ledger.operations import merge_members
from points.purchases.models import PurchaseSpend
from points.vouchers.models import FailedAttempt, Voucher
from shared import clock
from shared.contracts.vouchers import VoucherCancelled
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import give, points_of, prove, spend
from tests.voucher_factories import claim, make_campaign, order_body

BASE, POINTS = "/api/v1/vouchers", "/api/v1/points"
pytestmark = pytest.mark.django_db


def buy(member: Actor, **terms: Any) -> Voucher:
    """Give a member 420 points and let them buy a voucher for 300."""
    now = clock.now()
    bought = make_campaign(codes=1, **{"price_points": 300, "ends_at": now + timedelta(days=9)} | terms)
    give(member.id, 420, at=now)
    return claim(bought, member.id, at=now)


@pytest.fixture
def voucher(member: Actor) -> Voucher:
    return buy(member)


def cancel(actor: Actor, voucher: Voucher, **more: Any) -> Any:
    return actor.post(f"{BASE}/{voucher.code}/cancel", **more)


def use(actor: Actor, voucher: Voucher) -> Any:
    return actor.post(f"{BASE}/redemptions", {"code": voucher.code, "order": order_body()})


def price_of(voucher: Voucher) -> Transaction:
    return Transaction.objects.get(source_key=f"voucher-claim:{voucher.id}")


def now_of(member: Actor) -> tuple[int, int]:
    return points_of(member.id, at=clock.now())


def refused(answer: Any, code: str, status: int = 409) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_unused_voucher_is_given_back_for_its_price_once(member: Actor, voucher: Voucher) -> None:
    assert now_of(member) == (120, 0)

    first, second = (cancel(member, voucher, key="k1") for _ in range(2))

    assert (first.status_code, first.content) == (200, second.content)
    assert (first.json()["state"], first.json()["price_points"]) == ("cancelled", 300)
    assert first.json()["cancelled_at"] is not None
    assert now_of(member) == (420, 0)
    with nothing_written():
        refused(cancel(member, voucher), "vouchers.cancelled")
    [said] = published(VoucherCancelled)
    assert (said.voucher_id, said.member_id, said.price_points) == (voucher.id, member.id, 300)
    assert member.get(f"{BASE}/{voucher.code}").json() == member.get(BASE).json()["results"][0] == first.json()
    prove()


def test_a_cancelled_voucher_is_used_by_nobody(member: Actor, operator: Actor, voucher: Voucher) -> None:
    cancel(member, voucher)

    with nothing_written():
        for actor in (member, operator):
            refused(use(actor, voucher), "vouchers.cancelled")
        tried = member.post(f"{BASE}/validations", {"code": voucher.code, "order": order_body()}, key=None)

    assert tried.json() == {"valid": False, "reason": "vouchers.cancelled"}
    assert not FailedAttempt.objects.exists()


def test_a_used_voucher_is_not_given_back_until_its_use_is(member: Actor, voucher: Voucher) -> None:
    used = use(member, voucher).json()
    with nothing_written():
        refused(cancel(member, voucher), "vouchers.used")

    member.post(f"{BASE}/redemptions/{used['id']}/rollback")

    with nothing_written():
        answer = cancel(member, voucher)
    refused(answer, "vouchers.released_recently", 429)
    assert 0 < int(answer["Retry-After"]) <= 60
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert cancel(member, voucher).status_code == 200
        assert now_of(member) == (420, 0)


def test_a_merchant_who_rolls_back_leaves_it_to_be_cancelled_at_once(
    member: Actor, operator: Actor, voucher: Voucher
) -> None:
    used = use(member, voucher).json()
    operator.post(f"{BASE}/redemptions/{used['id']}/rollback")

    assert cancel(member, voucher).status_code == 200


def test_what_was_not_bought_or_has_ended_is_not_given_back(member: Actor, operator: Actor) -> None:
    free, over = buy(member, price_points=0), buy(member, ends_at=clock.now() + timedelta(seconds=1))
    pooled = Voucher.objects.get(campaign=make_campaign(codes=1, price_points=5))
    Voucher.objects.filter(id=over.id).update(uses=0)
    over.campaign.ends_at = clock.now()
    over.campaign.save()

    with nothing_written():
        refused(cancel(member, free), "vouchers.not_bought")
        refused(cancel(operator, pooled), "vouchers.not_bought")
        refused(cancel(member, over), "vouchers.expired")


def test_a_voucher_of_a_paused_or_ended_campaign_is_given_back(
    member: Actor, operator: Actor, voucher: Voucher
) -> None:
    operator.post(f"{BASE}/campaigns/{voucher.campaign_id}/end", key=None)

    assert cancel(member, voucher).status_code == 200
    assert now_of(member) == (420, 0)


def test_who_else_may(member: Actor, other_member: Actor, merchant: Actor, operator: Actor, voucher: Voucher) -> None:
    with nothing_written():
        assert cancel(merchant, voucher).status_code == 403
        refused(cancel(member, voucher, key=None), "idempotency.key_required", 400)
        assert member.post(f"{BASE}/{voucher.code}/cancel", {"reason": "x"}).status_code == 400
    refused(cancel(other_member, voucher), "vouchers.not_found", 404)
    assert FailedAttempt.objects.get().account_id == other_member.id

    assert cancel(operator, voucher).json()["member_id"] == str(member.id)

    assert now_of(member) == (420, 0)


def test_guessing_by_cancelling_is_stopped_too(member: Actor) -> None:
    for number in range(20):
        refused(member.post(f"{BASE}/GUESS-{number}/cancel"), "vouchers.not_found", 404)

    refused(member.post(f"{BASE}/GUESS/cancel"), "vouchers.too_many_failed_attempts", 429)


def test_points_come_back_to_their_lots_and_what_ended_meanwhile_ends_at_once(member: Actor) -> None:
    now = clock.now()
    bought = make_campaign(codes=1, price_points=100, ends_at=now + timedelta(days=9))
    give(member.id, 100, at=now, expires_at=now + timedelta(milliseconds=1))
    voucher = claim(bought, member.id, at=now)

    assert cancel(member, voucher).status_code == 200

    assert now_of(member) == (0, 0)
    prove()


def merge(member_id: UUID, into: UUID) -> None:
    merge_members(from_member_id=member_id, into_member_id=into, reason="twice", actor_id=new_id(), at=clock.now())


@pytest.mark.parametrize("who", ["operator", "other_member"])
def test_the_price_of_a_merged_members_voucher_goes_to_whose_their_points_are_now(
    request: pytest.FixtureRequest, member: Actor, other_member: Actor, voucher: Voucher, who: str
) -> None:
    ends = Lot.objects.get().expires_at
    between = new_id()
    merge(member.id, between)
    merge(between, other_member.id)
    actor = request.getfixturevalue(who)

    first, second = (cancel(actor, voucher, key="k1") for _ in range(2))

    assert (first.status_code, first.content) == (200, second.content)
    assert (now_of(member), now_of(other_member)) == ((0, 0), (420, 0))
    assert set(Lot.objects.filter(account__member_id=other_member.id).values_list("expires_at", flat=True)) == {ends}
    with nothing_written():
        refused(cancel(actor, voucher), "vouchers.cancelled")
    prove()


def test_what_ended_of_a_merged_members_price_ends_where_it_was(
    member: Actor, other_member: Actor, operator: Actor
) -> None:
    now = clock.now()
    bought = make_campaign(codes=1, price_points=100, ends_at=now + timedelta(days=9))
    give(member.id, 60, at=now, expires_at=now + timedelta(milliseconds=1))
    give(member.id, 40, at=now, expires_at=now + timedelta(days=5))
    voucher = claim(bought, member.id, at=now)
    merge(member.id, other_member.id)

    assert cancel(operator, voucher).status_code == 200

    assert (now_of(member), now_of(other_member)) == ((0, 0), (40, 0))
    prove()


def test_who_was_merged_gives_no_voucher_back(member: Actor, other_member: Actor, voucher: Voucher) -> None:
    merge(member.id, other_member.id)

    with nothing_written():
        refused(cancel(member, voucher), "points.member_merged")
    refused(member.post(f"{BASE}/GUESS/cancel"), "vouchers.not_found", 404)


def test_what_a_merged_member_spent_otherwise_is_still_not_reversed(
    member: Actor, other_member: Actor, operator: Actor, voucher: Voucher
) -> None:
    spent = spend(member.id, 20, at=clock.now())
    merge(member.id, other_member.id)

    with nothing_written():
        refused(operator.post(f"{POINTS}/transactions/{spent.id}/reversal", {"reason": "x"}), "points.member_merged")


def test_the_price_is_not_reversed_whether_the_voucher_was_used_or_not(
    member: Actor, operator: Actor, voucher: Voucher
) -> None:
    path = f"{POINTS}/transactions/{price_of(voucher).id}/reversal"
    with nothing_written():
        answer = operator.post(path, {"reason": "x"})
    refused(answer, "points.pays_voucher")
    assert answer.json()["voucher"] == str(voucher.id)

    use(member, voucher)
    with nothing_written():
        refused(operator.post(path, {"reason": "x"}), "points.pays_voucher")


def test_the_price_of_a_voucher_pays_for_no_purchase(member: Actor, operator: Actor, voucher: Voucher) -> None:
    sent = {
        "member_id": str(member.id),
        "purchase_id": "till-7",
        "amount": {"amount": 5000, "currency": "EUR"},
        "redemption_ids": [str(price_of(voucher).id)],
    }

    with nothing_written():
        answer = operator.post(f"{POINTS}/purchases", sent)

    refused(answer, "points.redemption_not_usable")
    assert answer.json()["reason"] == "pays_voucher"
    assert not PurchaseSpend.objects.exists()


def test_the_price_that_came_back_is_not_given_back_again(member: Actor, operator: Actor, voucher: Voucher) -> None:
    cancel(member, voucher)

    with nothing_written():
        refused(
            operator.post(f"{POINTS}/transactions/{price_of(voucher).id}/reversal", {"reason": "x"}),
            "points.pays_voucher",
        )
    assert operator.post(f"{BASE}/{new_id()}/cancel").status_code == 404
