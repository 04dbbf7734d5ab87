"""What uses of vouchers take of their campaigns' budgets.

Budgets are locked after the order and before vouchers, points, members' counts and campaigns, so that the last of a
budget is one use's. A campaign without budgets costs no statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from points.budgets.queries import budgets_on, left, lock_left
from points.budgets.rules import Whose, room_for, spent_on, summed
from points.earning.rules import Place, Spent
from points.ledger.merges import aliases
from points.programmes.queries import programme
from points.vouchers import errors
from points.vouchers.rules import Offer, Order, Placed, Verdict
from shared.zones import local_day


def reserved(offer: Offer, order: Order, discount: int, gone: Iterable[Placed], *, at: datetime) -> tuple[Spent, ...]:
    """Return what a use takes of budgets, where `gone` leave the order with it; locks all of these.

    :raises CampaignBudgetUsedUp: one of them has not so much left.
    """
    wanted, back = _wanted(offer, order, discount, at=at), _back(gone)
    return _fitting(wanted, lock_left([*wanted, *back]), back)


def verdict(offer: Offer, order: Order, discount: int, gone: Iterable[Placed], *, at: datetime) -> Verdict:
    """Return what a use would come to, by what budgets have left now."""
    wanted = _wanted(offer, order, discount, at=at)
    try:
        _fitting(wanted, left(wanted), _back(gone))
    except errors.CampaignBudgetUsedUp as refusal:
        return Verdict(reason=refusal.code)
    return Verdict(discount=discount)


def _wanted(offer: Offer, order: Order, discount: int, *, at: datetime) -> tuple[Spent, ...]:
    budgets = budgets_on(offer.campaign_id) if offer.terms.has_budgets else ()
    if not budgets:
        return ()
    assert offer.member_id
    # Whoever was merged goes on with the other's.
    asks = any(one.each == "member" for one in budgets)
    member_id = aliases([offer.member_id]).get(offer.member_id, offer.member_id) if asks else offer.member_id
    day = local_day(at, programme(offer.programme_id).timezone)
    return spent_on(budgets, Whose(day, order.merchant_id, member_id), discount=discount)


def _back(gone: Iterable[Placed]) -> list[Spent]:
    return [spent for one in gone for spent in one.spent]


def _fitting(wanted: Sequence[Spent], there: Mapping[Place, int], back: Iterable[Spent]) -> tuple[Spent, ...]:
    found = room_for(wanted, there, summed(back))
    if found is None:
        raise errors.CampaignBudgetUsedUp()
    return found
