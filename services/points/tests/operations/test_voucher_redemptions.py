from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, InternalError, connection

from points.vouchers import errors, operations, queries
from points.vouchers.models import Voucher, VoucherRedemption, VoucherRedemptionEvent
from points.vouchers.rules import Redeemer, Redemption
from shared.contracts import vouchers as contracts
from shared.errors import NotFound
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.owner import as_owner
from shared.testing.roles import MERCHANT_ID
from tests.voucher_factories import AT, claim, counts, make_campaign, order, redeem, refused

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def roll_back(redemption: Redemption, actor_id: UUID) -> Redemption:
    return operations.roll_back_redemption(redemption, actor_id=actor_id, at=LATER)


def history() -> list[tuple[str, UUID]]:
    return list(VoucherRedemptionEvent.objects.order_by("id").values_list("kind", "actor_id"))


def test_a_use_counts_for_the_code_the_member_and_the_campaign(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1), member.id)

    redemption = redeem(voucher, order(1999, order_id="order-7"))

    stored = VoucherRedemption.objects.get()
    assert (stored.id, stored.discount, stored.order_total, stored.currency) == (redemption.id, 500, 1999, "EUR")
    assert (stored.order_id, stored.member_id, stored.status) == ("order-7", member.id, "redeemed")
    assert counts(voucher) == (1, 1, 1)
    assert history() == [("redeemed", member.id)]
    (said,) = published(contracts.VoucherRedeemed)
    assert (said.redemption_id, said.order_id, said.discount, said.currency) == (redemption.id, "order-7", 500, "EUR")


def test_a_code_works_as_often_as_it_may_and_once_per_order(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_code=2), member.id)
    redeem(voucher, order(order_id="order-1"))

    with refused(errors.AlreadyOnOrder):
        redeem(voucher, order(order_id="order-1"))
    redeem(voucher, order(order_id="order-2"))
    with refused(errors.VoucherUsedUp):
        redeem(voucher, order(order_id="order-3"))
    assert counts(voucher) == (2, 2, 2)


def test_a_members_limit_counts_over_all_their_codes(member: Actor) -> None:
    campaign = make_campaign(codes=2, uses_per_code=3, uses_per_member=4)
    first, second = claim(campaign, member.id), claim(campaign, member.id)
    for voucher in (first, first, first, second):
        redeem(voucher)

    with refused(errors.MemberLimitReached):
        redeem(second)


def test_the_campaigns_total_counts_over_all_members(member: Actor, other_member: Actor) -> None:
    campaign = make_campaign(codes=2, uses_per_code=2, uses_total=2)
    first, second = claim(campaign, member.id), claim(campaign, other_member.id)
    redeem(first)
    redeem(first)

    with refused(errors.CampaignUsedUp):
        redeem(second)


@pytest.mark.parametrize("who", [None, "other", "member naming another", "merchant naming another"])
def test_nobody_but_the_holder_can_use_a_voucher(member: Actor, other_member: Actor, who: str | None) -> None:
    voucher = claim(make_campaign(codes=1), member.id)
    stranger = {
        None: Redeemer(other_member.id, None, None, False),
        "other": Redeemer(other_member.id, None, member.id, False),
        "member naming another": Redeemer(member.id, None, other_member.id, False),
        "merchant naming another": Redeemer(new_id(), new_id(), other_member.id, False),
    }[who]

    with refused(errors.VoucherNotFound):
        redeem(voucher, by=stranger)


def test_an_unclaimed_code_is_nobodys(member: Actor) -> None:
    make_campaign(codes=1)
    free = Voucher.objects.get()

    for redeemer in (Redeemer(member.id, None, None, False), Redeemer(member.id, None, None, True)):
        with refused(errors.VoucherNotFound):
            operations.redeem_voucher(free.code, redeemer=redeemer, order=order(), at=AT)


def test_a_merchant_takes_the_voucher_of_the_member_it_names(member: Actor, merchant: Actor) -> None:
    voucher = claim(make_campaign(codes=1), member.id)
    merchant_id = merchant.caller.merchant_id

    redemption = redeem(voucher, by=Redeemer(merchant.id, merchant_id, member.id, False))

    assert (redemption.member_id, redemption.redeemed_by, redemption.merchant_id) == (
        member.id,
        merchant.id,
        merchant_id,
    )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"min_spend": 2001}, errors.MinSpendNotReached),
        ({"currency": "USD"}, errors.CurrencyMismatch),
        ({"kind": "percent", "amount": None, "percent": 1}, None),
    ],
)
def test_a_voucher_is_not_spent_on_an_order_it_does_not_fit(
    member: Actor, changes: dict[str, Any], refusal: type[Exception] | None
) -> None:
    voucher = claim(make_campaign(codes=1, **changes), member.id)

    if refusal is None:
        assert redeem(voucher, order(2099)).discount == 20
        return
    with refused(refusal):
        redeem(voucher, order(2000))


def test_a_voucher_lives_up_to_but_not_at_the_campaigns_end(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, ends_at=LATER), member.id)

    with refused(errors.Expired):
        redeem(voucher, at=LATER)
    redeem(voucher, at=LATER - timedelta(microseconds=1))


def test_a_paused_campaign_pauses_its_vouchers(member: Actor) -> None:
    campaign = make_campaign(codes=1)
    voucher = claim(campaign, member.id)
    operations.move_campaign(campaign.id, requested="paused", at=AT)

    with refused(errors.CampaignNotActive):
        redeem(voucher)
    operations.move_campaign(campaign.id, requested="active", at=AT)
    redeem(voucher)


def test_a_rollback_gives_every_count_back_and_keeps_the_history(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_member=1, uses_total=1), member.id)
    redemption = redeem(voucher, order(order_id="order-1"))

    rolled_back = roll_back(redemption, member.id)

    assert (rolled_back.status, rolled_back.rolled_back_at) == ("rolled_back", LATER)
    assert queries.any_redemption(redemption.id) == rolled_back
    assert counts(voucher) == (0, 0, 0)
    assert history() == [("redeemed", member.id), ("rolled_back", member.id)]
    assert [said.redemption_id for said in published(contracts.VoucherReleased)] == [redemption.id]
    again = redeem(voucher, order(order_id="order-1"))
    assert again.id != redemption.id


def test_a_redemption_is_rolled_back_once(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_code=2), member.id)
    redemption = redeem(voucher)
    redeem(voucher)
    roll_back(redemption, member.id)

    with refused(errors.AlreadyRolledBack):
        roll_back(redemption, member.id)
    assert counts(voucher) == (1, 1, 1)


def test_who_made_a_redemption_may_roll_it_back_and_its_member_may_see_it(member: Actor, other_member: Actor) -> None:
    voucher = claim(make_campaign(codes=1), member.id)
    merchant_id, till, other_till = MERCHANT_ID, new_id(), new_id()
    redemption = redeem(voucher, by=Redeemer(till, merchant_id, member.id, False))

    assert queries.redemption_made_by(redemption.id, actor_id=other_till, merchant_id=merchant_id) == redemption
    assert queries.redemption_seen_by(redemption.id, actor_id=member.id, merchant_id=None) == redemption
    for actor, of in ((member.id, None), (other_member.id, None), (new_id(), new_id())):
        with pytest.raises(NotFound):
            queries.redemption_made_by(redemption.id, actor_id=actor, merchant_id=of)
    with pytest.raises(NotFound):
        queries.redemption_seen_by(redemption.id, actor_id=other_member.id, merchant_id=None)


BREAKS = {
    "voucher": "UPDATE voucher SET uses = uses_max + 1",
    "voucher below zero": "UPDATE voucher SET uses = -1",
    "voucher without member": "UPDATE voucher SET member_id = NULL",
    "member": "UPDATE voucher_member_use SET used = uses_max + 1",
    "claims of member": "UPDATE voucher_member_use SET claimed = uses_max + 1",
    "campaign": "UPDATE voucher_campaign SET used = uses_total + 1",
    "claims of campaign": "UPDATE voucher_campaign SET claimed = codes_total + 1",
    "terms": "UPDATE voucher_campaign SET percent = 5",
    "status": "UPDATE voucher_campaign SET status = 'open'",
    "dates": "UPDATE voucher_campaign SET ends_at = starts_at",
    "discount": "UPDATE voucher_redemption SET discount = order_total + 1",
    "redemption status": "UPDATE voucher_redemption SET status = 'rolled_back'",
    "second use on an order": "INSERT INTO voucher_redemption ({columns}) SELECT gen_random_uuid(), voucher_id,"
    " campaign_id, member_id, order_id, order_total, discount, currency, status, redeemed_by, merchant_id, redeemed_at,"
    " rolled_back_at, is_released, spent FROM voucher_redemption",
    "code": "INSERT INTO voucher (id, campaign_id, code, uses, uses_max, price_points, created_at)"
    " SELECT gen_random_uuid(), campaign_id, code, 0, 1, 0, created_at FROM voucher",
    "job": "UPDATE voucher_code_job SET done = count + 1",
    "job state": "UPDATE voucher_code_job SET finished_at = NULL",
    "history": "UPDATE voucher_redemption_event SET kind = 'rolled_back'",
    "history gone": "DELETE FROM voucher_redemption_event",
    "history emptied": "TRUNCATE voucher_redemption_event",
}


@pytest.mark.parametrize("wrong", BREAKS)
def test_the_database_refuses_the_wrong_state(member: Actor, wrong: str) -> None:
    redeem(claim(make_campaign(codes=1, uses_per_member=1, uses_total=1), member.id))
    columns = ", ".join(str(field.column) for field in VoucherRedemption._meta.concrete_fields)

    with refused((IntegrityError, InternalError)):
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        as_owner(BREAKS[wrong].format(columns=columns))


def test_a_value_of_a_rolled_back_redemption_is_a_new_value(member: Actor) -> None:
    redemption = redeem(claim(make_campaign(codes=1), member.id))

    assert queries.rolled_back(redemption, at=LATER) == replace(redemption, status="rolled_back", rolled_back_at=LATER)
    assert redemption.status == "redeemed"
