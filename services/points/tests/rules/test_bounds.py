from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from points.ledger.errors import AmountTooLarge, PurchaseTooOld, TooManyPoints
from points.ledger.rules.earnings import Wait, check_earning
from points.programmes.errors import MerchantNotListed
from points.purchases.rules.bounds import NoPoints, check_recorded, earned_by_payment
from points.purchases.rules.purchases import NewPurchase, RecordedPurchase
from tests.rules.test_programmes import AT, programme

SHOP, OTHER, WHO = UUID(int=7), UUID(int=8), UUID(int=9)
BOUNDS: dict[str, Any] = {
    "merchants": frozenset({SHOP}), "max_amount": 1_000, "max_points_per_purchase": 8, "max_purchase_age_days": 2,
}  # fmt: skip


def payment(**more: Any) -> NewPurchase:
    values = {"merchant_id": SHOP, "currency": "EUR", "amount": 1_000, "money_amount": 800} | more
    return NewPurchase(payment_id=UUID(int=1), order_id="1", member_id=WHO, lines=(), captured_at=AT, **values)


def recorded(**more: Any) -> RecordedPurchase:
    values = {"merchant_id": SHOP, "amount": 1_000, "occurred_at": AT} | more
    return RecordedPurchase(reference="1", member_id=WHO, currency="EUR", **values)


@pytest.mark.parametrize(
    ("more", "changes", "is_staff", "earned"),
    [
        ({}, {}, False, (8, None)),
        ({"money_amount": 99}, {}, False, (0, None)),
        ({"money_amount": 900}, {}, False, (0, NoPoints.TOO_MANY_POINTS)),
        ({"amount": 1_001}, {}, False, (0, NoPoints.AMOUNT_TOO_LARGE)),
        ({"merchant_id": OTHER}, {}, False, (0, NoPoints.MERCHANT_NOT_LISTED)),
        ({"merchant_id": OTHER}, {"merchants": None}, False, (8, None)),
        ({"currency": "USD"}, {}, False, (0, NoPoints.CURRENCY)),
        ({}, {"status": "closed"}, False, (0, NoPoints.PROGRAMME_CLOSED)),
        ({}, {}, True, (0, NoPoints.OWN_STAFF)),
        # We took it ourselves, however long the word of it was under way.
        ({}, {"max_purchase_age_days": 1}, False, (8, None)),
    ],
)
def test_what_a_payment_earns_or_why_not(more: Any, changes: Any, is_staff: bool, earned: Any) -> None:
    assert earned_by_payment(programme(**(BOUNDS | changes)), payment(**more), is_staff=is_staff) == earned


def test_without_a_programme_nothing_is_earned() -> None:
    assert earned_by_payment(None, payment(), is_staff=False) == (0, NoPoints.NO_PROGRAMME)


@pytest.mark.parametrize(
    ("more", "points", "error"),
    [
        ({"merchant_id": OTHER}, 1, MerchantNotListed),
        ({"merchant_id": None}, 1, MerchantNotListed),
        ({"amount": 1_001}, 1, AmountTooLarge),
        ({}, 9, TooManyPoints),
        ({"occurred_at": datetime(2026, 2, 27, 11, 59, 59, tzinfo=UTC)}, 1, PurchaseTooOld),
    ],
)
def test_what_of_recorded_purchases_is_beyond_the_bounds(more: Any, points: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_recorded(programme(**BOUNDS), recorded(**more), points=points, at=AT)


@pytest.mark.parametrize(
    "more", [{}, {"merchant_id": None, "is_by_programme": True}, {"occurred_at": datetime(2026, 2, 27, 12, tzinfo=UTC)}]
)
def test_what_of_recorded_purchases_is_within_them(more: Any) -> None:
    check_recorded(programme(**BOUNDS), recorded(**more), points=8, at=AT)


def test_an_earning_of_now_has_no_age() -> None:
    check_earning(programme(**BOUNDS), points=8, occurred_at=None, at=AT)


@pytest.mark.parametrize(
    "wait", [Wait(in_days=0), Wait(in_days=3), Wait(at=AT), Wait(on_event="delivered", deadline=AT)]
)
def test_what_points_wait_for_is_kept_and_read_again(wait: Wait) -> None:
    assert Wait.of(wait.said()) == wait
