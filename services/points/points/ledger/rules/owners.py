"""What a transaction belongs to, by the key of its posting: it is undone with that, and never by itself.

A redemption that nobody's request named, but something of ours, paid for that: its key begins with a name that stands
here. One that a caller asked for belongs to a purchase once that is said to be paid with it (`purchase_spend`).
"""

from uuid import UUID

_OWNERS = frozenset({"payment", "purchase", "event", "registration", "birthday"})
VOUCHER_CLAIM = "voucher-claim"


def voucher_claim_key(voucher_id: UUID) -> str:
    """Return the key of the redemption that is the price of a voucher."""
    return f"{VOUCHER_CLAIM}:{voucher_id}"


def voucher_paid_by(source_key: str | None) -> UUID | None:
    """Return the voucher whose price a redemption is."""
    name, _, owner = (source_key or "").partition(":")
    return UUID(owner) if name == VOUCHER_CLAIM else None


def is_owned(source_key: str | None) -> bool:
    """Tell whether a transaction is the earning of a purchase, a payment, or an event of whichever trigger."""
    return (source_key or "").partition(":")[0] in _OWNERS
