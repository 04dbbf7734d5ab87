"""What a voucher may do, decided from plain values: statuses, terms, and the discount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any
from uuid import UUID

from points.vouchers import errors
from points.vouchers.codes import largest_count
from points.vouchers.stacking import Part, share_beside
from shared.errors import DomainError

# The only status moves there are; docs and tests read this table. Staying where one is, is no move.
MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"active", "ended"}),
    "active": frozenset({"paused", "ended"}),
    "paused": frozenset({"active", "ended"}),
    "ended": frozenset(),
}
# Once somebody may hold a voucher, what it is worth no longer changes; redeem and claim build on that.
_ALWAYS = frozenset({"name", "ends_at", "uses_total"})
_TERMS = frozenset(
    {"kind", "amount", "percent", "max_discount", "min_spend", "starts_at"}
    | {"uses_per_code", "uses_per_member", "price_points", "stacking", "priority"}
)
EDITABLE: Mapping[str, frozenset[str]] = {
    "draft": _ALWAYS | _TERMS,
    "active": _ALWAYS,
    "paused": _ALWAYS,
    "ended": frozenset(),
}
OPEN_JOB = frozenset({"queued", "running"})
# Whether a voucher counts beside others on one order.
EXCLUSIVE, ALL = "exclusive", "all"
# A payment's message is as a rule here within a second. Who pays and releases before that gains one use, never more.
RELEASED_AGAIN_AFTER = timedelta(minutes=1)
# So many wrong codes of one account in so long a time, then it has to wait.
FAILED_ATTEMPTS = 20
ATTEMPTS_COUNT_FOR = timedelta(minutes=10)


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


def check_move(now: str, wished: str) -> bool:
    """Tell whether a campaign's status changes; wishing for the present status is no change.

    :raises MoveNotAllowed: the table has no such move.
    """
    if wished == now:
        return False
    if wished not in MOVES[now]:
        raise errors.MoveNotAllowed(status_now=now, wished=wished)
    return True


def check_editable(status: str, fields: Sequence[str]) -> None:
    """Check that these fields may be changed in this status.

    :raises CampaignFrozen: one of them may not.
    """
    if frozen := sorted(set(fields) - EDITABLE[status]):
        raise errors.CampaignFrozen(fields=frozen, status_now=status)


def check_terms(terms: Terms) -> None:
    """Check that a campaign's terms fit together.

    :raises CampaignTermsInvalid: the kind lacks its value or has the other's, or it ends before it starts.
    """
    wanted, other = ("amount", "percent") if terms.kind == "amount" else ("percent", "amount")
    if getattr(terms, wanted) is None:
        raise errors.CampaignTermsInvalid(f"a campaign of kind {terms.kind} needs it", field=wanted)
    if getattr(terms, other) is not None:
        raise errors.CampaignTermsInvalid(f"a campaign of kind {terms.kind} has none", field=other)
    if terms.kind == "amount" and terms.max_discount is not None:
        raise errors.CampaignTermsInvalid("only a percentage has a maximum", field="max_discount")
    if terms.ends_at <= terms.starts_at:
        raise errors.CampaignTermsInvalid("it must end after it starts", field="ends_at")


def check_open(terms: Terms, *, at: datetime) -> None:
    """Check that a campaign can be used now: active, and `starts_at <= at < ends_at`.

    :raises Expired: it is over; told before anything else, because nothing mends it.
    :raises CampaignNotActive: it is a draft, paused or ended.
    :raises NotStarted: it begins later.
    """
    if at >= terms.ends_at:
        raise errors.Expired(ends_at=terms.ends_at)
    if terms.status != "active":
        raise errors.CampaignNotActive(status_now=terms.status)
    if at < terms.starts_at:
        raise errors.NotStarted(starts_at=terms.starts_at)


def check_counts(counts: Counts) -> None:
    """Check that the code, its member and its campaign each have a use left.

    :raises VoucherUsedUp: the code has none.
    :raises MemberLimitReached: the member has none.
    :raises CampaignUsedUp: the campaign has none.
    """
    if counts.uses >= counts.uses_max:
        raise errors.VoucherUsedUp(limit=counts.uses_max)
    if counts.uses_per_member is not None and counts.member_uses >= counts.uses_per_member:
        raise errors.MemberLimitReached(limit=counts.uses_per_member)
    if counts.uses_total is not None and counts.campaign_uses >= counts.uses_total:
        raise errors.CampaignUsedUp(limit=counts.uses_total)


def check_not_cancelled(cancelled_at: datetime | None) -> None:
    """Check that a voucher was not given back.

    :raises VoucherCancelled: it was.
    """
    if cancelled_at is not None:
        raise errors.VoucherCancelled()


def costs_the_same(order: Order, standing: Standing) -> bool:
    """Tell whether an order costs what it did when vouchers were used on it."""
    return (order.currency, order.total) == (standing.currency, standing.total)


def check_beside(offer: Offer, order: Order, standing: Standing, *, is_told_which: bool = False) -> None:
    """Check that a voucher may count on an order beside those that do already; the refusals name these on request.

    :raises AlreadyOnOrder: it does already.
    :raises OrderChanged: the order cost something else when the others were used.
    :raises NotStackable: it is exclusive, or another one is.
    """
    if offer.voucher_id in [other.voucher_id for other in standing.placed]:
        raise errors.AlreadyOnOrder()
    ids = [other.redemption_id for other in standing.placed]
    which: dict[str, Any] = {"redemption_ids": ids} if is_told_which else {}
    if standing.placed and not costs_the_same(order, standing):
        raise errors.OrderChanged(**which)
    if standing.placed and EXCLUSIVE in [offer.terms.stacking, *(other.terms.stacking for other in standing.placed)]:
        raise errors.NotStackable(**which)


def discount_of(terms: Terms, order: Order) -> int:
    """Return what the voucher takes off an order on which it is alone: never more than the order, never nothing.

    An amount is capped at the order's total; a percentage is rounded down and capped at `max_discount`.

    :raises CurrencyMismatch: the order is in another currency.
    :raises MinSpendNotReached: the order is too small.
    :raises NoDiscount: it comes to nothing.
    """
    if order.currency != terms.currency:
        raise errors.CurrencyMismatch(currency=terms.currency)
    total = order.total
    if terms.min_spend is not None and total < terms.min_spend:
        raise errors.MinSpendNotReached(min_spend={"amount": terms.min_spend, "currency": terms.currency})
    discount = min(_nominal(terms, total), total)
    if discount < 1:
        raise errors.NoDiscount()
    return discount


def _nominal(terms: Terms, total: int) -> int:
    if terms.kind == "amount":
        assert terms.amount is not None
        return terms.amount
    assert terms.percent is not None
    by_percent = total * terms.percent // 100
    return by_percent if terms.max_discount is None else min(by_percent, terms.max_discount)


def decide(
    offer: Offer, order: Order, standing: Standing | None = None, *, is_told_which: bool = False, at: datetime
) -> int:
    """Return the discount an offer gives now on an order as it stands; None is one that no voucher counts on.

    A refusal because of others names their redemptions where the caller may be told which.

    :raises DomainError: the first reason why it gives none: it was cancelled, or as in `check_open`, `check_counts`,
        `check_beside`, `discount_of`.
    """
    check_not_cancelled(offer.cancelled_at)
    check_open(offer.terms, at=at)
    check_counts(replace(offer.counts, uses=offer.counts.uses + offer.late_uses))
    if standing is None or not standing.placed:
        return discount_of(offer.terms, order)
    check_beside(offer, order, standing, is_told_which=is_told_which)
    discount_of(offer.terms, order)
    discount = share_beside(
        order.total,
        given=standing.discount,
        others=[_part(other.terms, other.code) for other in standing.placed],
        new=_part(offer.terms, offer.code),
    )
    if discount < 1:
        raise errors.NoDiscount()
    return discount


def _part(terms: Terms, code: str) -> Part:
    return Part((terms.priority, code), partial(_nominal, terms))


def check_holder(offer: Offer | None, redeemer: Redeemer) -> Offer:
    """Return the offer when the redeemer may use it.

    :raises VoucherNotFound: no such code, another member's, or nobody's; nothing tells which.
    """
    if offer is None or not may_use(offer, redeemer):
        raise errors.VoucherNotFound()
    return offer


def may_use(offer: Offer | None, redeemer: Redeemer) -> bool:
    """Tell whether the redeemer may use an offer."""
    return offer is not None and offer.member_id is not None and redeemer.may_use_voucher_of(offer.member_id)


def check_cancellable(
    terms: Terms, *, price_points: int, uses: int, cancelled_at: datetime | None, at: datetime
) -> None:
    """Check that a voucher can be given back for its price.

    :raises VoucherCancelled: it was before.
    :raises VoucherNotBought: it cost nothing, or nobody has it.
    :raises VoucherUsed: it counts on an order.
    :raises Expired: its campaign's time is over.
    """
    check_not_cancelled(cancelled_at)
    if not price_points:
        raise errors.VoucherNotBought()
    if uses:
        raise errors.VoucherUsed()
    if at >= terms.ends_at:
        raise errors.Expired(ends_at=terms.ends_at)


def verdict(
    offer: Offer | None, redeemer: Redeemer, order: Order, standing: Standing | None = None, *, at: datetime
) -> Verdict:
    """Return what a redemption would come to, without one."""
    try:
        return Verdict(discount=decide(check_holder(offer, redeemer), order, standing, at=at))
    except DomainError as refusal:
        return Verdict(reason=refusal.code)


def state_of(terms: Terms, *, uses_left: int, is_cancelled: bool = False, at: datetime) -> str:
    """Say in one word what a voucher is good for: `usable`, `upcoming`, `paused`, `used_up`, `expired`, `cancelled`."""
    if is_cancelled:
        return "cancelled"
    if uses_left < 1:
        return "used_up"
    if at >= terms.ends_at or terms.status == "ended":
        return "expired"
    if terms.status != "active":
        return "paused"
    return "upcoming" if at < terms.starts_at else "usable"


def check_limits(*, uses_total: int | None, used: int, claimed: int) -> None:
    """Check that a campaign's limit is not below what was used and given out already.

    :raises LimitBelowUse: it is.
    """
    if uses_total is not None and uses_total < max(used, claimed):
        raise errors.LimitBelowUse(used=used, claimed=claimed)


def check_space(pattern: str, *, taken: int, count: int) -> None:
    """Check that so many more codes of a pattern cannot be guessed.

    :raises CodeSpaceTooSmall: the pattern has fewer than a million possible codes for each one.
    """
    largest = largest_count(pattern)
    if taken + count > largest:
        raise errors.CodeSpaceTooSmall(largest_count=max(0, largest - taken))


def check_released(released_at: datetime | None, *, at: datetime) -> None:
    """Check that a member may take a voucher off an order again, or cancel it.

    :raises ReleasedRecently: they did a moment ago.
    """
    if released_at is not None and at < released_at + RELEASED_AGAIN_AFTER:
        left = (released_at + RELEASED_AGAIN_AFTER - at).total_seconds()
        raise errors.ReleasedRecently(retry_after=max(1, ceil(left)))


def seconds_to_wait(oldest: datetime, *, at: datetime) -> int:
    """Return after how many whole seconds the oldest failed attempt that counts no longer does."""
    return max(1, ceil((oldest + ATTEMPTS_COUNT_FOR - at).total_seconds()))
