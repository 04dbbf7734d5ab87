"""The values that the rules of vouchers are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# Whether a voucher counts beside others on one order.
EXCLUSIVE, ALL = "exclusive", "all"


@dataclass(frozen=True, slots=True)
class Terms:
    """A campaign's terms: what it takes off, when, and how beside other vouchers (lower `priority` first)."""

    status: str
    kind: str
    amount: int | None
    percent: int | None
    currency: str
    max_discount: int | None
    min_spend: int | None
    starts_at: datetime
    ends_at: datetime
    stacking: str = EXCLUSIVE
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a code, its member and its campaign were used, each with its limit."""

    uses: int
    uses_max: int
    member_uses: int
    uses_per_member: int | None
    campaign_uses: int
    uses_total: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; `unit_amount` in minor units of the order's currency."""

    line_id: str
    quantity: int
    unit_amount: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a voucher is used on: an order of a merchant, by its id."""

    id: str
    currency: str
    lines: Sequence[Line]
    merchant_id: UUID

    @property
    def total(self) -> int:
        """Return the sum of all lines."""
        return sum(line.quantity * line.unit_amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class Placed:
    """A voucher that counts on an order, by which redemption and whose: `redeemed_by` is who made that."""

    redemption_id: UUID
    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    redeemed_by: UUID
    code: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Standing:
    """What vouchers took off an order so far, and what it cost then; `placed` are those that count on it now."""

    currency: str
    total: int
    discount: int
    placed: Sequence[Placed]


@dataclass(frozen=True, slots=True)
class Offer:
    """A code with all that decides about it, as read in one statement; `late_uses` are those that its member released
    after the order was paid, and count as used."""

    voucher_id: UUID
    campaign_id: UUID
    code: str
    member_id: UUID | None
    terms: Terms
    counts: Counts
    cancelled_at: datetime | None = None
    late_uses: int = 0


@dataclass(frozen=True, slots=True)
class Redeemer:
    """Who uses a voucher: `named` is the member whose voucher it should be, if one was named.

    A merchant takes the voucher of the member it names, a member only their own, and whoever
    `may_any` also one whose holder is not named.
    """

    actor_id: UUID
    merchant_id: UUID | None
    named: UUID | None
    may_any: bool

    def may_use_voucher_of(self, member_id: UUID) -> bool:
        """Tell whether the redeemer may use a voucher that this member holds."""
        holder = self.named or (None if self.may_any else self.actor_id)
        is_allowed = self.may_any or self.merchant_id is not None or holder == self.actor_id
        return is_allowed and holder in (None, member_id)

    def answers_for(self, order: Order) -> bool:
        """Tell whether the redeemer knows what an order costs and what becomes of it: its merchant, or an operator."""
        return self.may_any or self.merchant_id == order.merchant_id


@dataclass(frozen=True, slots=True)
class Guesser:
    """Who names a code: an account, and the customer for whom a till does; without one it names codes for itself."""

    account_id: UUID
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a voucher works on an order: the discount, or the code of the refusal."""

    discount: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """One use of a voucher on an order."""

    id: UUID
    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    order_id: str
    order_total: int
    discount: int
    currency: str
    status: str
    redeemed_by: UUID
    merchant_id: UUID | None
    redeemed_at: datetime
    rolled_back_at: datetime | None = None


def guesser_of(redeemer: Redeemer) -> Guesser:
    """Return whose failed attempts count when a redeemer names a code."""
    return Guesser(redeemer.actor_id, None if redeemer.named == redeemer.actor_id else redeemer.named)
