"""Several vouchers on one order: an order is a merchant's, by its id, whoever the members are."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from points.vouchers.models import Voucher, VoucherCampaign, VoucherOrder, VoucherRedemption
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.voucher_factories import claim, counts, make_campaign, order_body

PATH, TRY = "/api/v1/vouchers/redemptions", "/api/v1/vouchers/validations"
CAMPAIGNS = "/api/v1/vouchers/campaigns"
EIGHTY = {"kind": "percent", "amount": None, "percent": 80}
ALL_OFF = {"kind": "percent", "amount": None, "percent": 100}
pytestmark = pytest.mark.django_db


def campaign(**terms: Any) -> VoucherCampaign:
    values = {"codes": 3, "ends_at": clock.now() + timedelta(days=9), "stacking": "all"} | terms
    return make_campaign(**values)


def body(voucher: Voucher, total: int = 1500, *, order_id: str = "order-1", **more: Any) -> dict[str, Any]:
    return {"code": voucher.code, "order": order_body(total, order_id=order_id) | more}


def use(actor: Actor, voucher: Voucher, total: int = 1500, **more: Any) -> Any:
    """Use a voucher of whoever holds it, and check that a validation said the same."""
    sent = body(voucher, total, **more) | (
        {"member_id": str(voucher.member_id)} if actor.id != voucher.member_id else {}
    )
    foreseen = actor.post(TRY, sent, key=None).json()
    answer = actor.post(PATH, sent)
    said = {"valid": True, "discount": answer.json().get("discount")}
    assert foreseen == (said if answer.status_code == 201 else {"valid": False, "reason": answer.json()["code"]})
    return answer


def off(answer: Any) -> int:
    assert answer.status_code == 201, answer.content
    return int(answer.json()["discount"]["amount"])


def refused(answer: Any, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_a_campaign_is_exclusive_unless_it_says_otherwise(operator: Actor, member: Actor) -> None:
    made = operator.patch(f"{CAMPAIGNS}/{make_campaign(status='draft').id}", {"name": "X"}).json()
    assert (made["stacking"], made["priority"]) == ("exclusive", 0)

    changed = operator.patch(f"{CAMPAIGNS}/{made['id']}", {"stacking": "all", "priority": -5}).json()

    assert (changed["stacking"], changed["priority"]) == ("all", -5)
    voucher = claim(campaign(priority=7), member.id)
    seen = member.get(f"/api/v1/vouchers/{voucher.code}").json()
    assert (seen["stacking"], seen["priority"]) == ("all", 7)


@pytest.mark.parametrize("change", [{"stacking": "some"}, {"stacking": None}, {"priority": "1"}, {"priority": 10**7}])
def test_what_is_no_stacking_or_priority_is_refused(operator: Actor, change: dict[str, Any]) -> None:
    draft = make_campaign(status="draft")

    with nothing_written():
        answer = operator.patch(f"{CAMPAIGNS}/{draft.id}", change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("change", [{"stacking": "all"}, {"priority": 1}])
def test_stacking_and_priority_are_frozen_with_the_other_terms(operator: Actor, change: dict[str, Any]) -> None:
    answer = operator.patch(f"{CAMPAIGNS}/{make_campaign().id}", change)

    refused(answer, "vouchers.campaign_frozen")


def test_ten_off_and_eighty_percent_take_fourteen_of_fifteen(member: Actor) -> None:
    ten, eighty = claim(campaign(amount=1000, priority=1), member.id), claim(campaign(**EIGHTY, priority=2), member.id)

    assert [off(use(member, ten)), off(use(member, eighty))] == [1000, 400]


def test_used_the_other_way_round_they_come_to_the_same(member: Actor) -> None:
    ten, eighty = claim(campaign(amount=1000, priority=1), member.id), claim(campaign(**EIGHTY, priority=2), member.id)

    assert [off(use(member, eighty)), off(use(member, ten))] == [1200, 200]


def test_two_that_take_all_take_an_order_once_also_of_different_members(member: Actor, other_member: Actor) -> None:
    free = campaign(**ALL_OFF)
    mine, theirs = claim(free, member.id), claim(free, other_member.id)
    assert off(use(member, mine, 999)) == 999

    refused(use(other_member, theirs, 999), "vouchers.no_discount")

    assert counts(theirs) == (0, 0, 1)


def test_an_amount_takes_only_what_is_left(member: Actor, merchant: Actor) -> None:
    tens = campaign(amount=1000)
    first, second = claim(tens, member.id), claim(tens, member.id)

    assert [off(use(merchant, first)), off(use(merchant, second))] == [1000, 500]
    row = VoucherOrder.objects.get()
    assert (row.merchant_id, row.total, row.discount, row.uses) == (merchant.caller.merchant_id, 1500, 1500, 2)


@pytest.mark.parametrize(("first", "second"), [("exclusive", "all"), ("all", "exclusive"), ("exclusive", "exclusive")])
def test_an_exclusive_voucher_counts_alone(member: Actor, other_member: Actor, first: str, second: str) -> None:
    mine, theirs = claim(campaign(stacking=first), member.id), claim(campaign(stacking=second), other_member.id)
    made = use(member, mine)

    refused(use(other_member, theirs), "vouchers.not_stackable")

    member.post(f"{PATH}/{made.json()['id']}/rollback")
    assert off(use(other_member, theirs)) == 500


def test_an_order_that_changed_meanwhile_is_refused_until_it_has_no_voucher(member: Actor) -> None:
    fives = campaign()
    first, second = claim(fives, member.id), claim(fives, member.id)
    made = use(member, first, 1500)

    refused(use(member, second, 1400), "vouchers.order_changed")
    assert off(use(member, claim(campaign(currency="USD"), member.id), order_id="order-2", currency="USD")) == 500
    refused(use(member, second, order_id="order-2"), "vouchers.order_changed")

    member.post(f"{PATH}/{made.json()['id']}/rollback")
    assert off(use(member, second, 1400)) == 500
    assert VoucherOrder.objects.get(order_id="order-1").total == 1400


def test_the_same_voucher_counts_once_on_an_order_and_a_validation_says_so(member: Actor) -> None:
    voucher = claim(campaign(uses_per_code=5), member.id)
    use(member, voucher)

    with nothing_written():
        verdict = member.post(TRY, body(voucher), key=None).json()

    assert verdict == {"valid": False, "reason": "vouchers.already_on_order"}
    refused(use(member, voucher), "vouchers.already_on_order")


def test_orders_of_two_merchants_may_have_one_id(member: Actor, merchant: Actor, operator: Actor) -> None:
    voucher = claim(campaign(uses_per_code=5, stacking="exclusive"), member.id)
    another = str(new_id())

    assert off(use(merchant, voucher)) == 500
    assert off(use(operator, voucher, 2000, merchant_id=another)) == 500
    refused(use(operator, voucher, 2000, merchant_id=another), "vouchers.already_on_order")
    # Whoever uses it, the order is the merchant's.
    refused(use(member, voucher), "vouchers.already_on_order")


def test_whose_order_it_is_is_always_known(member: Actor, operator: Actor, merchant: Actor) -> None:
    voucher = claim(campaign(), member.id)
    sent = body(voucher) | {"member_id": str(member.id)}
    del sent["order"]["merchant_id"]

    with nothing_written():
        answers = [actor.post(path, sent) for actor in (member, operator) for path in (PATH, TRY)]

    for answer in answers:
        wrong = [(one["field"], one["code"]) for one in answer.json()["errors"]]
        assert (answer.status_code, wrong) == (400, [("order.merchant_id", "required")])
    # A merchant's own client says so by its token.
    assert merchant.post(TRY, sent, key=None).json()["valid"] is True
    assert merchant.post(PATH, sent).json()["merchant_id"] == str(merchant.caller.merchant_id)


def test_a_merchant_names_itself_or_nobody(member: Actor, merchant: Actor) -> None:
    voucher = claim(campaign(), member.id)
    sent = body(voucher, merchant_id=str(new_id())) | {"member_id": str(member.id)}

    with nothing_written():
        answers = [merchant.post(PATH, sent), merchant.post(TRY, sent, key=None)]

    for answer in answers:
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "order.merchant_id")
    assert off(use(merchant, voucher, merchant_id=str(merchant.caller.merchant_id))) == 500


def test_what_is_rolled_back_is_left_for_others(member: Actor) -> None:
    tens = campaign(amount=1000)
    first, second = claim(tens, member.id), claim(tens, member.id)
    made = use(member, first)
    assert off(use(member, second)) == 500

    member.post(f"{PATH}/{made.json()['id']}/rollback")

    row = VoucherOrder.objects.get()
    assert (row.discount, row.uses) == (500, 1)
    assert off(use(member, first)) == 1000


TERMS: list[dict[str, Any]] = [
    {"amount": 700},
    {"amount": 700, "priority": 3, "uses_per_code": 3},
    {**EIGHTY, "priority": -1},
    {**EIGHTY, "max_discount": 300},
    {"amount": 200, "stacking": "exclusive", "uses_per_code": 2},
    {"amount": 900, "min_spend": 1300, "uses_per_member": 2, "uses_per_code": 2},
    {"kind": "percent", "amount": None, "percent": 1, "uses_total": 2, "uses_per_code": 2},
]


@pytest.mark.parametrize("seed", range(8))
def test_a_validation_says_what_a_redemption_would_whatever_came_before(
    member: Actor, other_member: Actor, merchant: Actor, operator: Actor, seed: int
) -> None:
    dice = Random(seed)
    members = [member, other_member]
    vouchers = [claim(one, dice.choice(members).id) for one in (campaign(**terms) for terms in TERMS) for _ in "12"]
    for _ in range(25):
        voucher = dice.choice(vouchers)
        actor = dice.choice([merchant, next(one for one in members if one.id == voucher.member_id)])
        total = dice.choice([1500, 1500, 1500, 1200, 60])
        # `use` compares both.
        answer = use(actor, voucher, total, order_id=dice.choice(["order-1", "order-2", "order-3"]))
        counting = VoucherRedemption.objects.filter(status="redeemed")
        if answer.status_code != 201 and counting and dice.random() < 0.3:
            assert operator.post(f"{PATH}/{dice.choice(counting.order_by('id')).id}/rollback").status_code == 200

    for row in VoucherOrder.objects.all():
        on = VoucherRedemption.objects.filter(status="redeemed", order_id=row.order_id)
        assert (row.uses, row.discount) == (len(on), sum(one.discount for one in on))
        assert {(one.order_total, one.currency) for one in on} <= {(row.total, row.currency)}
    assert VoucherRedemption.objects.exists()
