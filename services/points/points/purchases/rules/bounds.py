"""Which purchases earn, and why one earns nothing."""

from datetime import datetime
from enum import StrEnum

from points.ledger.rules.earnings import check_amount, check_earning
from points.programmes.errors import MerchantNotListed
from points.programmes.rules import Programme, points_for, takes_purchases_of
from points.purchases.rules.purchases import NewPurchase, RecordedPurchase, earning_amount


class NoPoints(StrEnum):
    """Why a purchase earned nothing, where its amount is not too small for a point."""

    NO_PROGRAMME = "no_programme"
    PROGRAMME_CLOSED = "programme_closed"
    CURRENCY = "currency"
    MERCHANT_NOT_LISTED = "merchant_not_listed"
    AMOUNT_TOO_LARGE = "amount_too_large"
    TOO_MANY_POINTS = "too_many_points"
    OWN_STAFF = "own_staff"
    ORDER_EARNED = "order_earned"
    NO_PIECES = "no_pieces"
    BUDGET = "budget"


def earned_by_payment(programme: Programme | None, new: NewPurchase, *, is_staff: bool) -> tuple[int, NoPoints | None]:
    """Return what a payment earns by the programme's plain terms, or nothing and why.

    Its age counts for nothing, because we took it ourselves.
    """
    if reason := refused_payment(programme, new, is_staff=is_staff):
        return 0, reason
    assert programme
    points = points_for(programme, amount=new.money_amount)
    return (0, NoPoints.TOO_MANY_POINTS) if is_too_much(programme, points) else (points, None)


def is_too_much(programme: Programme, points: int) -> bool:
    """Tell whether a programme gives fewer points by one purchase."""
    return points > programme.max_points_per_purchase


def refused_payment(programme: Programme | None, new: NewPurchase, *, is_staff: bool) -> NoPoints | None:
    """Return why a payment earns nothing, whatever its points would be."""
    if programme is None:
        return NoPoints.NO_PROGRAMME
    checks = {
        NoPoints.PROGRAMME_CLOSED: programme.status != "active",
        NoPoints.CURRENCY: programme.currency != new.currency,
        NoPoints.MERCHANT_NOT_LISTED: not takes_purchases_of(programme, new.merchant_id),
        NoPoints.OWN_STAFF: is_staff,
        NoPoints.AMOUNT_TOO_LARGE: new.amount > programme.max_amount,
    }
    return next((reason for reason, is_so in checks.items() if is_so), None)


# What a till records, too. Whatever else a payment earns nothing for, the same purchase at a till is refused for.
_NOTED = (None, NoPoints.BUDGET, NoPoints.OWN_STAFF)


def is_noted(why: NoPoints | None) -> bool:
    """Tell whether a payment that earns nothing for a reason, or for none, is noted as one of the programme: what its
    member buys next is not the first, then, as after the same purchase at a till."""
    return why in _NOTED


def nothing_for(recorded: RecordedPurchase, *, is_staff: bool) -> NoPoints | None:
    """Return why a purchase that is recorded earns nothing, whatever it cost."""
    if is_staff:
        return NoPoints.OWN_STAFF
    return NoPoints.NO_PIECES if recorded.amount and not earning_amount(recorded) else None


def check_recorded(programme: Programme, recorded: RecordedPurchase, *, points: int, at: datetime) -> None:
    """Check that a programme takes a purchase that is recorded.

    :raises MerchantNotListed: not from this merchant.
    :raises AmountTooLarge: it costs too much.
    :raises TooManyPoints: it would earn too much.
    :raises PurchaseTooOld: it occurred too long ago.
    """
    if not (recorded.is_by_programme or takes_purchases_of(programme, recorded.merchant_id)):
        raise MerchantNotListed()
    check_amount(programme, recorded.amount)
    check_earning(programme, points=points, occurred_at=recorded.occurred_at, at=at)
