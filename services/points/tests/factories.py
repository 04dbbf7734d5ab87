"""Makers of what tests start from."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from points.adjustments.operations.earnings import permitted_earning
from points.ledger import operations as ledger
from points.ledger.posting import post_answered
from points.ledger.proofs import differences
from points.ledger.queries import balance
from points.ledger.rules.values import Hold, Kind, Posted, Posting
from points.members.operations import note_registered
from points.programmes import operations as programmes
from points.programmes.queries import default_programme, programme
from points.programmes.rules import Programme
from points.purchases import operations as purchases
from points.purchases.rows.refunds import Returned
from points.purchases.rules.claims import request_of
from points.purchases.rules.purchases import Purchase, PurchaseLine, RecordedPurchase
from shared.ids import new_id
from shared.testing import roles

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Of nothing; fixed, so that the names of tests are the same in each worker.
UNKNOWN_ID = UUID("01900000-0000-7000-8000-000000000000")


def make_programme(**changes: Any) -> Programme:
    """Make the demo's programme: 1 point per 1.00 EUR, for 365 days in Berlin, 100 points worth 1.00 EUR, by purchases
    from any merchant; and have the members of the tests register."""
    register(roles.MEMBER.id, roles.OTHER_MEMBER.id)
    values = {
        "name": "Plaza",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "earn_points": 1,
        "earn_amount": 100,
        "lot_days": 365,
        "value_points": 100,
        "value_amount": 100,
    }
    return programmes.create_programme(**(values | {"at": AT} | changes))


def register(*member_ids: UUID) -> None:
    """Have auth say that these members registered."""
    note_registered((member_id, AT) for member_id in member_ids)


def give(member_id: UUID, points: int, *, at: datetime = AT, **more: Any) -> Posted:
    """Give a member points in the default programme."""
    values = {"programme_id": None, "reason": "gift"} | more
    found = programme(values.pop("programme_id"))
    return post_answered(permitted_earning(found, member_id=member_id, points=points, at=at, **values), at=at)


def spend(member_id: UUID, points: int, *, at: datetime = AT, **more: Any) -> Posted:
    """Spend a member's points in the default programme."""
    values = {"programme_id": None, "reason": "reward", "reference": "", "at": at} | more
    return ledger.redeem_points(member_id=member_id, points=points, **values)


def posting(kind: Kind, member_id: UUID, points: int, **more: Any) -> Posting:
    """Return the request to move points in the default programme."""
    return Posting(kind=kind, programme_id=default_programme().id, member_id=member_id, points=points, **more)


def points_of(member_id: UUID, *, at: datetime = AT) -> tuple[int, int]:
    """Return a member's available points and deficit in the default programme."""
    found = balance(programme_id=default_programme().id, member_id=member_id, at=at)
    return found.available, found.deficit


def prove() -> None:
    """Assert that every invariant of the ledger holds."""
    assert differences() == []


def hold(member_id: UUID, points: int, *, at: datetime = AT, **more: Any) -> Hold:
    """Set a member's points in the default programme aside for an hour."""
    values = {"programme_id": None, "reference": "order-1", "expires_at": at + timedelta(hours=1), "at": at} | more
    return ledger.hold_points(member_id=member_id, points=points, **values)


def buy(
    member_id: UUID,
    lines: dict[str, tuple[int, int]],
    *,
    programme_id: UUID | None = None,
    at: datetime = AT,
    **more: Any,
) -> Purchase:
    """Record a purchase, in the default programme: line → pieces and what they cost together, in cents."""
    amount = sum(cost for _, cost in lines.values())
    values = {"reference": str(new_id()), "merchant_id": None, "currency": "EUR", "amount": amount} | more
    parts = tuple(PurchaseLine(line_id=name, quantity=count, amount=cost) for name, (count, cost) in lines.items())
    recorded = RecordedPurchase(member_id=member_id, lines=parts, occurred_at=at, **values)
    return purchases.record_purchase(recorded, programme_id=programme_id, actor_id=None, at=at)


def take_back(
    purchase: Purchase,
    lines: dict[str, int] | None = None,
    amount: int | None = None,
    *,
    at: datetime = AT,
    **more: Any,
) -> Returned:
    """Return pieces of a purchase's lines, an amount of it, or all that is left."""
    values = {
        "return_id": str(new_id()),
        "request": request_of(lines, amount),
        "reason": "return",
        "actor_id": None,
    } | more
    return purchases.return_purchase(purchase.payment_id, at=at, **values)


def set_policy(policy: str, cap: int | None = None) -> None:
    """Let the default programme treat returns so from now on."""
    changes = {"return_policy": policy, "arrears_cap": cap}
    programmes.change_programme(default_programme().id, changes=changes, at=AT)
