"""What vouchers of a campaign take off together stays within its budgets, and a rollback gives it back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.budgets.models import Budget
from points.budgets.operations import change_budget, end_budget
from points.ledger.operations import merge_members
from points.ledger.proofs import differences
from points.vouchers import operations, queries
from points.vouchers.errors import CampaignBudgetUsedUp
from points.vouchers.models import Voucher, VoucherCampaign, VoucherRedemption
from points.vouchers.rules import Order, Redeemer, Redemption
from shared.contracts.budgets import BudgetAlert, BudgetChanged
from shared.ids import new_id
from shared.testing import roles
from shared.testing.messages import published
from tests.budget_factories import all_used, make_budget, published_uses, used
from tests.factories import make_programme, prove
from tests.judging_factories import buy_lines
from tests.voucher_factories import AT, OPERATOR, claim, counts, make_campaign, order, redeem, refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OTHER_MERCHANT = UUID(int=78)


@pytest.fixture(autouse=True)
def programme() -> None:
    make_programme()


@pytest.fixture
def campaign() -> VoucherCampaign:
    return make_campaign(codes=3, uses_per_code=100)


def limit(campaign: VoucherCampaign, most: int, code: str = "spring", **said: Any) -> Budget:
    """Let a campaign have a budget of money, for ever and for all, unless it is said otherwise."""
    return make_budget(most, code, **{"campaign_id": campaign.id, "of": "money", "beyond": "refuse"} | said)


def roll_back(redemption: Redemption, *, at: Any = AT) -> None:
    operations.roll_back_redemption(queries.any_redemption(redemption.id), actor_id=OPERATOR, at=at)


def test_no_more_is_taken_off_than_a_budget_has(campaign: VoucherCampaign, member: Any, other_member: Any) -> None:
    budget = limit(campaign, 1_200)
    mine, theirs = claim(campaign, member.id), claim(campaign, other_member.id)
    redeem(mine), redeem(theirs)

    # 5.00 are not trimmed to the 2.00 that are left.
    with refused(CampaignBudgetUsedUp):
        redeem(mine)
    assert redeem(theirs, order(200)).discount == 200
    assert used(budget) == {("ever", ""): 1_200}
    with refused(CampaignBudgetUsedUp):
        redeem(mine, order(1))
    prove()


def test_a_rollback_gives_back_to_the_period_from_which_it_was_taken(campaign: VoucherCampaign, member: Any) -> None:
    budget, voucher = limit(campaign, 500, per="day"), claim(campaign, member.id)
    first = redeem(voucher)
    with refused(CampaignBudgetUsedUp):
        redeem(voucher)
    redeem(voucher, at=AT + DAY)

    roll_back(first, at=AT + DAY)

    assert used(budget) == {("2026-03-01", ""): 0, ("2026-03-02", ""): 500}
    redeem(voucher)
    with refused(CampaignBudgetUsedUp):
        redeem(voucher, at=AT + DAY)
    prove()


def test_a_day_is_one_of_the_programmes_zone(campaign: VoucherCampaign, member: Any) -> None:
    budget, voucher = limit(campaign, 500, per="day"), claim(campaign, member.id)
    midnight = AT.replace(hour=23, minute=0, second=0)

    redeem(voucher, at=midnight - timedelta(seconds=1))
    redeem(voucher, at=midnight)

    assert used(budget) == {("2026-03-01", ""): 500, ("2026-03-02", ""): 500}


def test_uses_are_counted_whatever_they_take_off(campaign: VoucherCampaign, member: Any) -> None:
    budget, voucher = limit(campaign, 2, of="uses", per="day"), claim(campaign, member.id)

    redeem(voucher, order(1)), redeem(voucher, order(9_000))

    with refused(CampaignBudgetUsedUp):
        redeem(voucher)
    assert used(budget) == {("2026-03-01", ""): 2}
    assert counts(voucher) == (2, 2, 2)


@pytest.mark.parametrize("each", ["merchant", "member"])
def test_each_can_have_their_own(campaign: VoucherCampaign, member: Any, other_member: Any, each: str) -> None:
    budget = limit(campaign, 500, each=each)
    mine, theirs = claim(campaign, member.id), claim(campaign, other_member.id)
    there = Order(str(new_id()), "EUR", 2_000, OTHER_MERCHANT)
    redeem(mine)

    with refused(CampaignBudgetUsedUp):
        redeem(theirs if each == "merchant" else mine)
    redeem(*((theirs, there) if each == "merchant" else (theirs, order())))

    keys = (roles.MERCHANT_ID, OTHER_MERCHANT) if each == "merchant" else (member.id, other_member.id)
    assert used(budget) == {("ever", str(key)): 500 for key in keys}


def test_who_was_merged_goes_on_with_the_others(campaign: VoucherCampaign, member: Any, other_member: Any) -> None:
    budget = limit(campaign, 500, each="member")
    mine, theirs = claim(campaign, member.id), claim(campaign, other_member.id)
    redeem(theirs)
    merge_members(from_member_id=member.id, into_member_id=other_member.id, reason="one", actor_id=OPERATOR, at=AT)

    with refused(CampaignBudgetUsedUp):
        redeem(mine, by=Redeemer(OPERATOR, None, None, True))
    assert used(budget) == {("ever", str(other_member.id)): 500}


def test_all_budgets_of_a_campaign_have_to_have_room(campaign: VoucherCampaign, member: Any) -> None:
    money, uses = limit(campaign, 10_000), limit(campaign, 1, "uses", of="uses")
    other = limit(make_campaign(), 1, "other")
    voucher = claim(campaign, member.id)
    first = redeem(voucher)

    with refused(CampaignBudgetUsedUp):
        redeem(voucher)
    assert (used(money), used(uses), used(other)) == ({("ever", ""): 500}, {("ever", ""): 1}, {})
    roll_back(first)
    assert (used(money), used(uses)) == ({("ever", ""): 0}, {("ever", ""): 0})
    prove()


def test_it_is_told_once_that_it_came_to_its_percentage(campaign: VoucherCampaign, member: Any) -> None:
    budget, voucher = limit(campaign, 1_000, alert_percent=50), claim(campaign, member.id)

    roll_back(redeem(voucher))
    redeem(voucher), redeem(voucher)

    (alert,) = published(BudgetAlert)
    assert (alert.budget_id, alert.of, alert.used, alert.most) == (budget.id, "money", 500, 1_000)


def test_what_gives_way_on_an_order_has_given_back_what_it_took(campaign: VoucherCampaign, member: Any) -> None:
    budget, voucher = limit(campaign, 500, alert_percent=100), claim(campaign, member.id)
    mine = redeem(voucher, order(300, order_id="order-1"))
    merchant = Redeemer(roles.MERCHANT.id, roles.MERCHANT_ID, member.id, False)

    theirs = redeem(voucher, order(2_000, order_id="order-1"), by=merchant)

    assert (theirs.discount, used(budget)) == (500, {("ever", ""): 500})
    assert VoucherRedemption.objects.get(id=mine.id).status == "rolled_back"
    assert [one.used for one in published(BudgetAlert)] == [500]
    prove()


def test_more_can_be_taken_off_once_it_has_more_and_without_it(campaign: VoucherCampaign, member: Any) -> None:
    budget, voucher = limit(campaign, 500), claim(campaign, member.id)
    first = redeem(voucher)
    said: dict[str, Any] = {"name": "Spring", "alert_percent": 80, "actor_id": OPERATOR, "at": AT}

    change_budget(budget.programme_id, "spring", most=1_000, **said)
    redeem(voucher)
    with refused(CampaignBudgetUsedUp):
        redeem(voucher)
    end_budget(budget.programme_id, "spring", actor_id=OPERATOR, at=AT)
    redeem(voucher)

    # Of one that ended it is known still what was used.
    roll_back(first)
    assert used(budget) == {("ever", ""): 500}
    prove()


def test_purchases_and_campaigns_use_none_of_each_others(campaign: VoucherCampaign, member: Any) -> None:
    money, points = limit(campaign, 500), make_budget(100, "points")

    redeem(claim(campaign, member.id))
    buy_lines(member.id, {}, amount=1_000, at=AT)

    assert (used(money), used(points)) == ({("ever", ""): 500}, {("ever", ""): 10})
    prove()


def test_what_was_written_otherwise_is_found(campaign: VoucherCampaign, member: Any) -> None:
    limit(campaign, 500)
    redemption = redeem(claim(campaign, member.id))

    VoucherRedemption.objects.filter(id=redemption.id).update(spent=None)

    assert [one.invariant for one in differences()] == [
        "what was used of budgets is what purchases, events, returns and vouchers say"
    ]


def test_a_campaign_without_budgets_pays_nothing_for_them(member: Any) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_code=9), member.id)
    redeem(voucher)

    def statements(of: Voucher) -> int:
        with CaptureQueriesContext(connection) as sent:
            redeem(of)
        return len(sent)

    before = statements(voucher)
    limited = make_campaign(codes=1, uses_per_code=9)
    limit(limited, 5_000)
    own = claim(limited, member.id)
    redeem(own)
    assert statements(voucher) == before
    # One locks and reads, one counts.
    assert statements(own) == before + 2


def test_what_is_used_and_given_back_is_published(campaign: VoucherCampaign, member: Any) -> None:
    limit(campaign, 1_200)
    limit(campaign, 9, "uses", of="uses", per="day", each="member")
    mine = claim(campaign, member.id)
    redeem(mine)
    roll_back(redeem(mine, order(200)))

    assert published_uses() == all_used()
    assert len(all_used()) == 2
    assert {(one.campaign_id, one.value_points) for one in published(BudgetChanged)} == {(campaign.id, None)}
