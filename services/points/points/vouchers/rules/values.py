"""The values that the rules of vouchers are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from points.earning.rules import Spent

# Whether a voucher counts beside others on one order.
EXCLUSIVE, ALL = "exclusive", "all"


@dataclass(frozen=True, slots=True)
class Terms:
    """A campaign's terms: what it takes off, when, how beside other vouchers (lower `priority` first), for members of
    which tiers (None: of all, and for who has none), and whether it had budgets ever."""

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
    tiers: Sequence[str] | None = None
    has_budgets: bool = False


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
class Order:
    """What a voucher is used on: an order of a merchant, by its id; `total` is in minor units."""

    id: str
    currency: str
    total: int
    merchant_id: UUID


@dataclass(frozen=True, slots=True)
class Placed:
    """A voucher that counts on an order, by which redemption and whose: `redeemed_by` is who made that, and `spent`
    what it used of its campaign's budgets."""

    redemption_id: UUID
    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    redeemed_by: UUID
    code: str
    terms: Terms
    spent: tuple[Spent, ...] = ()


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
    after the order was paid, and count as used. `tier` is its member's, where the campaign asks for one."""

    voucher_id: UUID
    campaign_id: UUID
    programme_id: UUID
    code: str
    member_id: UUID | None
    terms: Terms
    counts: Counts
    cancelled_at: datetime | None = None
    late_uses: int = 0
    tier: str | None = None


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
    """One use of a voucher on an order, and what it used of its campaign's budgets."""

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
    spent: tuple[Spent, ...] = ()
