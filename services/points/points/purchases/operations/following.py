"""What whoever follows purchases is told of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from points.earning import followers
from points.earning.followers import Key
from points.earning.rules.noted import Bought, Left
from points.purchases.rules.bounds import NoPoints
from points.purchases.rules.purchases import Purchase, Refund

# Why a programme took a purchase that earns nothing. Any other reason is that it took none, that the order was taken
# before, or that the merchant's own staff bought.
_TAKEN = (None, NoPoints.TOO_MANY_POINTS.value, NoPoints.NO_PIECES.value, NoPoints.BUDGET.value)
Followed = tuple[Purchase, UUID, tuple[UUID, str] | None]


def is_taken(why: str | None) -> bool:
    """Tell whether a programme took a purchase that earns nothing for a reason, or for none."""
    return why in _TAKEN


def tell_bought(followed: Sequence[Followed], *, locking: Collection[Key], at: datetime) -> None:
    """Tell of purchases that programmes took, each with its programme and the order that it is of."""
    told = [bought_of(one, programme_id, one.member_id, order) for one, programme_id, order in followed]
    followers.tell(told, locking=locking, at=at)


def bought_of(
    purchase: Purchase, programme_id: UUID, member_id: UUID, order: tuple[UUID, str] | None = None
) -> Bought:  # fmt: skip
    """Return a purchase as whoever follows purchases is told of it."""
    assert purchase.occurred_at
    return Bought(purchase.payment_id, programme_id, member_id, purchase.occurred_at, purchase.amount, order)


def tell_returned(returned: Sequence[tuple[Refund, Purchase]], *, at: datetime) -> None:
    """Tell of returns, each with its purchase afterwards; before anything is posted of them."""
    left = [
        Left(after.payment_id, after.programme_id, after.member_id, after.left, refund.refund_id)
        for refund, after in returned
    ]
    locking = {(one.programme_id, one.member_id) for one in left if one.programme_id}
    followers.tell_left(left, locking=locking, at=at)
