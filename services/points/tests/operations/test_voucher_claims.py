from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from points.ledger.errors import InsufficientPoints
from points.vouchers import errors
from points.vouchers.models import Voucher, VoucherMemberUse
from points.vouchers.queries import campaign as read
from shared.contracts import points as contracts
from shared.contracts import vouchers
from shared.errors import NotFound
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from tests.factories import give, points_of, prove
from tests.voucher_factories import AT, claim, make_campaign, refused

pytestmark = pytest.mark.django_db


def test_a_member_takes_a_code_and_pays_its_price(member: Actor) -> None:
    campaign = make_campaign(codes=2, price_points=300)
    give(member.id, 420)

    voucher = claim(campaign, member.id)

    stored = Voucher.objects.get(member_id=member.id)
    assert (stored.id, stored.code, stored.price_points, stored.issued_at) == (voucher.id, voucher.code, 300, AT)
    assert points_of(member.id) == (120, 0)
    assert read(campaign.id).claimed == 1
    (paid,), (issued,) = published(contracts.PointsRedeemed), published(vouchers.VoucherIssued)
    assert (paid.points, paid.reference) == (300, f"voucher:{voucher.id}")
    assert (issued.voucher_id, issued.member_id, issued.price_points) == (voucher.id, member.id, 300)
    prove()


def test_a_free_voucher_costs_no_points(member: Actor) -> None:
    claim(make_campaign(codes=1), member.id)

    assert not published(contracts.PointsRedeemed)
    assert published(vouchers.VoucherIssued)[0].price_points == 0


def test_who_cannot_pay_takes_nothing(member: Actor) -> None:
    campaign = make_campaign(codes=1, price_points=300)
    give(member.id, 299)

    with refused(InsufficientPoints):
        claim(campaign, member.id)


def test_members_take_different_codes_until_none_is_left(member: Actor, other_member: Actor) -> None:
    campaign = make_campaign(codes=2)

    taken = {claim(campaign, member.id).code, claim(campaign, other_member.id).code}

    assert len(taken) == 2
    with refused(errors.SoldOut):
        claim(campaign, new_id())


def test_a_member_takes_no_more_than_one_may(member: Actor) -> None:
    campaign = make_campaign(codes=3, uses_per_member=2, price_points=10)
    give(member.id, 100)
    claim(campaign, member.id)
    claim(campaign, member.id)

    with refused(errors.MemberLimitReached):
        claim(campaign, member.id)

    assert VoucherMemberUse.objects.get(member_id=member.id).claimed == 2
    assert points_of(member.id) == (80, 0)


def test_no_more_are_given_out_than_can_ever_be_used(member: Actor) -> None:
    campaign = make_campaign(codes=3, uses_total=1)
    claim(campaign, member.id)

    with refused(errors.CampaignUsedUp) as refusal:
        claim(campaign, new_id())
    assert refusal.value.members == {"limit": 1}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": "draft"}, NotFound),
        ({"status": "paused"}, errors.CampaignNotActive),
        ({"status": "ended"}, errors.CampaignNotActive),
        ({"starts_at": AT + timedelta(seconds=1)}, errors.NotStarted),
        ({"ends_at": AT}, errors.Expired),
    ],
)
def test_only_an_open_campaign_gives_vouchers(member: Actor, changes: dict[str, Any], refusal: type[Exception]) -> None:
    campaign = make_campaign(codes=1, **changes)

    with refused(refusal):
        claim(campaign, member.id)


def test_the_order_of_giving_out_says_nothing_of_the_codes() -> None:
    campaign = make_campaign(codes=500)

    given = [claim(campaign, new_id()).code for _ in range(40)]

    in_order = sum(first < second for first, second in pairwise(given))
    assert 5 <= in_order <= 34
