"""Which purchases a caller may see and act on."""

from uuid import UUID

from points.ledger.merges import aliases
from points.purchases.errors import PurchaseNotFound
from points.purchases.rows import purchases
from points.purchases.rules.purchases import Purchase
from shared.callers import Caller

# A merchant records purchases and gives no points otherwise: that takes `points:earn`.
RECORD = ("purchases:write", "points:earn", "points:adjust")
READ = (*RECORD, "points:read", "points:read-any")


def known(purchase_id: UUID) -> Purchase:
    """Return a purchase.

    :raises PurchaseNotFound: there is none.
    """
    if (found := purchases.read([purchase_id]).get(purchase_id)) is None:
        raise PurchaseNotFound()
    return found


def seen(purchase_id: UUID, caller: Caller) -> Purchase:
    """Return a purchase that a caller may see: who recorded it, or who knows its member.

    :raises PurchaseNotFound: there is none, or it is another's.
    """
    found = known(purchase_id)
    if not (knows_member(found, caller) or is_theirs(found, caller)):
        raise PurchaseNotFound()
    return found


def knows_member(found: Purchase, caller: Caller) -> bool:
    """Tell whether a purchase is a caller's own, or whether that one may see anybody's."""
    if caller.may("points:read-any") or caller.may("points:adjust"):
        return True
    return caller.may("points:read") and caller.id in {found.member_id, *aliases([found.member_id]).values()}


def is_theirs(found: Purchase, caller: Caller) -> bool:
    """Tell whether a caller may act on a purchase: who recorded it, or an operator."""
    recorded_it = found.reference is not None and found.merchant_id == caller.merchant_id
    may_record = caller.may("purchases:write") or caller.may("points:earn")
    return caller.may("points:adjust") or (recorded_it and may_record)
