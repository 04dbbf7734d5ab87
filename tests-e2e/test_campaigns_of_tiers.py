"""A campaign for gold members, with their price and a budget; a programme without rules whose shops give so much."""

from uuid import uuid4

import pytest
from clients.api import ok, refused
from clients.ledger import purchase
from clients.points import CAMPAIGNS
from clients.tiers import tiers_document
from clients.vouchers import REDEMPTIONS, order
from people import Merchant, Person

PRICES = [{"tier": "gold", "price_points": 200}]
pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture
def programme(operator: Person) -> str:
    """A programme with two tiers and no rules."""
    made = str(operator.points.make_programme(f"Campaigns {uuid4()}")["id"])
    operator.tiers.replace(made, tiers_document(("silver", 100), ("gold", 500)))
    return made


def test_gold_members_pay_less_and_take_no_more_off_than_the_budget_has(
    operator: Person, member: Person, other_member: Person, merchant: Merchant, programme: str
) -> None:
    campaign = operator.vouchers.open(programme, tiers=["gold"], price_points=300, prices=PRICES, uses_per_code=3)
    budget = operator.budgets.make(programme, "spring", campaign_id=campaign, of="money", most=700, per="ever")
    assert (budget["beyond"], budget["points"]) == ("refuse", None)
    for who in (member, other_member):
        merchant.system.ledger.record(purchase(who.id, ("shoes", 1, 30_000), programme=programme))
    operator.tiers.give(member.id, "gold", programme=programme)

    refused(other_member.api.post(f"{CAMPAIGNS}/{campaign}/claims"), 409, "vouchers.tier_required")
    seen = member.vouchers.campaign(campaign)
    assert (seen["own_price_points"], seen["price_points"], seen["prices"]) == (200, 300, PRICES)
    bought = member.points.claim(campaign)
    assert bought["price_points"] == 200

    used = member.points.use_voucher(bought["code"], order())
    tried = member.vouchers.validate(bought["code"], order())
    assert tried == {"valid": False, "reason": "vouchers.budget_used_up"}
    refused(member.api.post(REDEMPTIONS, {"code": bought["code"], "order": order()}), 409, "vouchers.budget_used_up")
    ok(member.api.post(f"{REDEMPTIONS}/{used['id']}/rollback"))
    (period,) = operator.budgets.periods(programme, "spring")
    assert (period["used"], period["left"]) == (0, 700)
    assert member.points.use_voucher(bought["code"], order())["status"] == "redeemed"


def test_a_shop_gives_so_much_a_day_by_plain_terms(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    operator.budgets.make(programme, "shops", of="points", most=15, per="day", each="merchant")
    body = ("shoes", 1, 1_000)

    made = [merchant.system.ledger.record(purchase(member.id, body, programme=programme)) for _ in range(3)]

    assert [(one["points"], one["no_points_reason"]) for one in made] == [(10, None), (5, None), (0, "budget")]
    assert [(one["budget"], one["cut"]) for one in made] == [(None, 0), ("shops", 5), ("shops", 10)]
    merchant.system.ledger.give_back(made[0]["id"])
    (period,) = operator.budgets.periods(programme, "shops")
    assert (period["each"], period["used"], period["left"]) == (merchant.id, 5, 10)
