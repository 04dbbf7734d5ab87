"""Purchases, payments and events that count for tiers, and makers of programmes in which they do."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from points.events import operations as events
from points.events.rules.events import Event
from points.purchases import operations as purchases
from points.purchases.rules.purchases import NewPurchase, Purchase, RecordedPurchase, Refund
from points.tiers.models import TierCounted, TierProgress
from shared.ids import new_id
from shared.testing import roles
from tests.event_factories import MANY_STARS, REVIEW, let_earn
from tests.factories import AT, make_programme
from tests.judging_factories import BASE
from tests.tier_factories import make_tiers

VISITS = {"kind": "events", "name": "visit"}
REVIEWS = {"kind": "events", "name": "review"}
STARS = {"kind": "field", "event": "review", "field": "stars"}
_NOW = timedelta(0)


def make_counting(metric: Any, *tiers: dict[str, Any], **said: Any) -> None:
    """Make a default programme with tiers by a metric, in which each euro and reviews earn, and visits do not."""
    make_programme()
    let_earn(REVIEW, MANY_STARS, BASE)
    make_tiers(*tiers, metric=metric, **said)


def record(member_id: UUID, amount: int, *, at: datetime = AT, ago: timedelta = _NOW, **more: Any) -> Purchase:
    """Record a purchase of so many cents, in the default programme where none is named."""
    programme_id = more.pop("programme_id", None)
    values = {"reference": str(new_id()), "merchant_id": None, "currency": "EUR"} | more
    recorded = RecordedPurchase(member_id=member_id, amount=amount, occurred_at=at - ago, **values)
    return purchases.record_purchase(recorded, programme_id=programme_id, actor_id=None, at=at)


def payment(member_id: UUID, amount: int, *, at: datetime = AT, **more: Any) -> NewPurchase:
    """Return a payment of so many cents that was taken."""
    values = {"merchant_id": new_id(), "order_id": "order-1", "currency": "EUR", "money_amount": amount} | more
    return NewPurchase(
        payment_id=new_id(), member_id=member_id, amount=amount, lines=(), captured_at=at, **values
    )  # fmt: skip


def refund(payment_id: UUID, amount: int, *, at: datetime = AT) -> Refund:
    """Return the refund of so many cents of a payment."""
    return Refund(refund_id=new_id(), payment_id=payment_id, amount=amount, refunded_at=at)


def undo(event: Event, *, at: datetime = AT) -> Event:
    """Take back what an event earned."""
    return events.reverse_event(event.id, reason="wrong", actor_id=roles.OPERATOR.id, at=at)


def days_of(member_id: UUID) -> dict[str, int]:
    """Return a member's progress by day."""
    found = TierProgress.objects.filter(member_id=member_id).order_by("day")
    return {one.day.isoformat(): one.amount for one in found}


def is_proven() -> bool:
    """Tell whether the days of all members come to what counts of purchases and events, and nothing else."""
    days = sum(one.amount for one in TierProgress.objects.all())
    return days == sum(one.amount for one in TierCounted.objects.all())
