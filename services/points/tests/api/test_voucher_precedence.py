"""The merchant's word about its order, or an operator's, comes before that of members; it sees what is in the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.vouchers.models import Voucher, VoucherOrder, VoucherOrderPayment, VoucherRedemption, VoucherRedemptionEvent
from shared import clock
from shared.contracts.vouchers import VoucherReleased
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT, MERCHANT_ID, MERCHANT_SCOPES
from tests.voucher_factories import claim, counts, make_campaign, order_body

PATH, TRY = "/api/v1/vouchers/redemptions", "/api/v1/vouchers/validations"
pytestmark = pytest.mark.django_db


def voucher_of(member: Actor, **terms: Any) -> Voucher:
    return claim(make_campaign(**{"codes": 1, "ends_at": clock.now() + timedelta(days=9)} | terms), member.id)


def use(actor: Actor, voucher: Voucher, total: int = 1500, **order: Any) -> Any:
    """Use a voucher of whoever holds it, and check that a validation said the same."""
    sent = {"code": voucher.code, "order": order_body(total, order_id="order-1") | order}
    if actor.id != voucher.member_id:
        sent["member_id"] = str(voucher.member_id)
    foreseen = actor.post(TRY, sent, key=None).json()
    answer = actor.post(PATH, sent)
    assert (foreseen.get("reason"), foreseen.get("discount")) == (
        None if answer.status_code == 201 else answer.json()["code"],
        answer.json().get("discount"),
    )
    return answer


def used(actor: Actor, voucher: Voucher, total: int = 1500, **order: Any) -> str:
    answer = use(actor, voucher, total, **order)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def refused(answer: Any, code: str, redemption_ids: list[str] | None) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json().get("redemption_ids") == redemption_ids


@pytest.mark.parametrize("who", ["merchant", "operator"])
@pytest.mark.parametrize("claimed", [{"total": 1}, {"total": 1500, "currency": "USD"}])
def test_what_members_used_on_an_order_as_they_said_gives_way(
    request: pytest.FixtureRequest, member: Actor, other_member: Actor, who: str, claimed: dict[str, Any]
) -> None:
    actor = request.getfixturevalue(who)
    theirs = voucher_of(member, currency=claimed.get("currency", "EUR"))
    in_the_way = used(member, theirs, **claimed)

    made = used(actor, voucher_of(other_member))

    assert set(VoucherRedemption.objects.values_list("id", "status")) == {
        (UUID(in_the_way), "rolled_back"),
        (UUID(made), "redeemed"),
    }
    assert counts(theirs) == (0, 0, 0)
    [back] = VoucherRedemptionEvent.objects.filter(kind="rolled_back")
    assert (str(back.redemption_id), back.actor_id) == (in_the_way, actor.id)
    assert [str(one.redemption_id) for one in published(VoucherReleased)] == [in_the_way]
    row = VoucherOrder.objects.get()
    assert (row.currency, row.total, row.discount, row.uses) == ("EUR", 1500, 500, 1)


def test_all_of_several_members_give_way(member: Actor, other_member: Actor, merchant: Actor) -> None:
    campaign = make_campaign(codes=3, amount=100, stacking="all", ends_at=clock.now() + timedelta(days=9))
    first, second, third = (claim(campaign, one.id) for one in (member, other_member, member))
    used(member, first, 900)
    used(other_member, second, 900)

    made = used(merchant, third)

    assert [str(one.id) for one in VoucherRedemption.objects.filter(status="redeemed")] == [made]
    assert counts(second) == (0, 0, 1)
    assert len(published(VoucherReleased)) == 2


def test_the_voucher_that_gave_way_is_used_on_the_order_as_it_is(member: Actor, merchant: Actor) -> None:
    voucher = voucher_of(member, uses_per_member=1, uses_total=1)
    used(member, voucher, 700)

    made = used(merchant, voucher)

    assert [str(one.id) for one in VoucherRedemption.objects.filter(status="redeemed")] == [made]
    assert counts(voucher) == (1, 1, 1)
    assert member.post(PATH, {"code": voucher.code, "order": order_body()}).json()["code"] == "vouchers.used_up"


def test_the_word_of_a_member_moves_nothing_and_names_nothing(member: Actor, other_member: Actor) -> None:
    theirs = voucher_of(other_member)
    used(member, voucher_of(member), 1)

    with nothing_written():
        refused(use(other_member, theirs), "vouchers.order_changed", None)
        refused(use(other_member, theirs, 1), "vouchers.not_stackable", None)


@pytest.mark.parametrize("who", ["merchant", "operator"])
def test_what_members_used_on_the_order_as_it_is_stays_and_is_named(
    request: pytest.FixtureRequest, member: Actor, other_member: Actor, who: str
) -> None:
    theirs = voucher_of(other_member)
    in_the_way = used(member, voucher_of(member))

    with nothing_written():
        refused(use(request.getfixturevalue(who), theirs), "vouchers.not_stackable", [in_the_way])


def test_what_the_merchant_said_before_stays_and_then_members_stay_too(
    member: Actor, other_member: Actor, merchant: Actor
) -> None:
    campaign = make_campaign(codes=3, amount=100, stacking="all", ends_at=clock.now() + timedelta(days=9))
    first, second, third = (claim(campaign, one.id) for one in (member, other_member, member))
    in_the_way = used(merchant, first)
    used(other_member, second)

    with nothing_written():
        refused(use(merchant, third, 1400), "vouchers.order_changed", [in_the_way])


def test_what_a_payment_used_stays(member: Actor, other_member: Actor, merchant: Actor) -> None:
    theirs = voucher_of(other_member)
    in_the_way = used(member, voucher_of(member), 900)
    payment = VoucherOrderPayment.objects.create(
        payment_id=new_id(), order_id=VoucherOrder.objects.get().id, paid_at=clock.now()
    )

    with nothing_written():
        refused(use(merchant, theirs), "vouchers.order_changed", [in_the_way])

    payment.returned_at = clock.now()
    payment.save(update_fields=["returned_at"])
    used(merchant, theirs)


def test_a_merchant_moves_nothing_on_anothers_order(member: Actor, other_member: Actor, merchant: Actor) -> None:
    voucher = voucher_of(member)
    used(member, voucher, 1, merchant_id=str(new_id()))

    used(merchant, voucher_of(other_member))

    assert counts(voucher) == (1, 1, 1)


def listed(actor: Actor, **query: str) -> list[str]:
    answer = actor.get(PATH, **query)
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


def test_a_merchant_sees_what_was_used_on_its_order(
    member: Actor, other_member: Actor, merchant: Actor, operator: Actor
) -> None:
    first = used(member, voucher_of(member), 1)
    second = used(merchant, voucher_of(other_member))
    another = used(member, voucher_of(member), merchant_id=str(new_id()))
    assert another != used(member, voucher_of(member), id="order-2")

    shop = str(MERCHANT_ID)
    assert listed(merchant, order_id="order-1") == listed(merchant, order_id="order-1", merchant_id=shop)
    assert listed(merchant, order_id="order-1") == [second, first]
    assert listed(operator, order_id="order-1", merchant_id=shop) == [second, first]
    assert listed(merchant, order_id="order-9") == []
    assert listed(merchant, order_id="order-1", member_id=str(member.id)) == [first]
    page = merchant.get(PATH, order_id="order-1", page_size="1").json()
    assert [one["id"] for one in merchant.get(page["next"]).json()["results"]] == [first]


def test_nobody_else_sees_it(member: Actor, merchant: Actor, operator: Actor) -> None:
    used(member, voucher_of(member))
    other_shop = Actor(replace(MERCHANT, id=new_id(), merchant_id=new_id()))
    nobodys = Actor(replace(MERCHANT, id=new_id(), merchant_id=None, scopes=MERCHANT_SCOPES))
    named = {"order_id": "order-1", "merchant_id": str(MERCHANT_ID)}

    assert listed(other_shop, order_id="order-1") == []
    assert [actor.get(PATH, **named).status_code for actor in (member, other_shop, nobodys)] == [404, 404, 403]


@pytest.mark.parametrize(
    ("who", "query", "fields"),
    [
        ("merchant", {}, ["order_id"]),
        ("merchant", {"merchant_id": str(MERCHANT_ID)}, ["order_id"]),
        ("operator", {"order_id": "order-1"}, ["merchant_id"]),
        ("member", {"order_id": "order-1"}, ["merchant_id"]),
        ("operator", {"merchant_id": str(MERCHANT_ID)}, ["order_id"]),
        ("merchant", {"order_id": "x" * 65}, ["order_id"]),
        ("merchant", {"order_id": ""}, ["order_id"]),
    ],
)
def test_an_order_is_named_whole(
    request: pytest.FixtureRequest, who: str, query: dict[str, str], fields: list[str]
) -> None:
    answer = request.getfixturevalue(who).get(PATH, **query)

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, fields)
