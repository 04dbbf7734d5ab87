"""Vouchers used at once take off exactly what their campaign's budgets have."""

from typing import Any

import pytest

from points.budgets.models import BudgetPeriod
from points.vouchers import operations, queries
from points.vouchers.models import Voucher, VoucherRedemption
from shared.contracts.budgets import BudgetAlert
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.budget_factories import make_budget
from tests.factories import make_programme, prove
from tests.voucher_factories import AT, OPERATOR, claim, make_campaign, order_body, redeem

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, EACH = 50, 4


def vouchers(most: int, of: str) -> list[Voucher]:
    """Make a campaign of 5.00 off with a budget, and let members take its vouchers."""
    make_programme()
    campaign = make_campaign(codes=AT_ONCE, uses_per_code=100)
    make_budget(most, campaign_id=campaign.id, of=of, beyond="refuse")
    return [claim(campaign, new_id()) for _ in range(AT_ONCE)]


def outcomes(voucher: Voucher, times: int) -> list[str]:
    found = []
    for _ in range(times):
        try:
            found.append(str(redeem(voucher).discount))
        except Exception as error:
            found.append(type(error).__name__)
    return found


@pytest.mark.parametrize(("of", "most", "used"), [("money", 50_499, 50_000), ("uses", 100, 100)])
def test_two_hundred_at_once_take_what_there_is_and_no_more(of: str, most: int, used: int) -> None:
    held = vouchers(most, of)

    results: list[Any] = race(AT_ONCE, lambda number: outcomes(held[number], EACH))

    assert sorted(one for those in results for one in those) == ["500"] * 100 + ["CampaignBudgetUsedUp"] * 100
    assert BudgetPeriod.objects.get().used == used
    assert VoucherRedemption.objects.count() == 100
    assert len(published(BudgetAlert)) == 1
    prove()


def test_requests_at_once_take_what_there_is_and_no_more(member: Actor) -> None:
    make_programme()
    campaign = make_campaign(codes=AT_ONCE, uses_per_code=100)
    make_budget(5_000, campaign_id=campaign.id, of="money", beyond="refuse")
    codes = [claim(campaign, member.id).code for _ in range(AT_ONCE)]

    def use(number: int) -> Any:
        return member.post("/api/v1/vouchers/redemptions", {"code": codes[number], "order": order_body()})

    answers = race(AT_ONCE, use)

    assert sorted(one.status_code for one in answers) == [201] * 10 + [409] * 40
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"vouchers.budget_used_up"}
    assert BudgetPeriod.objects.get().used == 5_000
    prove()


def test_uses_and_rollbacks_at_once_leave_what_both_say() -> None:
    held = vouchers(500 * AT_ONCE, "money")
    made = [redeem(one) for one in held]

    def turn(number: int) -> Any:
        if number % 2:
            found = queries.any_redemption(made[number].id)
            return operations.roll_back_redemption(found, actor_id=OPERATOR, at=AT)
        return outcomes(held[AT_ONCE - 1 - number], 1)

    results = race(AT_ONCE, turn)

    assert [one for one in results if isinstance(one, Exception)] == []
    uses = sum(results[number] == ["500"] for number in range(0, AT_ONCE, 2))
    assert BudgetPeriod.objects.get().used == 500 * (AT_ONCE - AT_ONCE // 2 + uses)
    prove()
