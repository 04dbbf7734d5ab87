"""What a return takes back of the points that its purchase earned, and gives back of those that paid for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct, structs

from points.earning.rules import Outcome, Spent
from points.ledger.rules.lots import split
from points.ledger.rules.values import Lot

# Whose word the lines of a purchase are.
MEMBER, MERCHANT = "member", "merchant"
Metadata = dict[str, str | int | bool]


class PurchaseLine(Struct, frozen=True, kw_only=True):
    """A line of a purchase with its share of the points, and what was returned of it so far."""

    line_id: str
    sku: str = ""
    category: str = ""
    brand: str = ""
    quantity: int
    amount: int
    points: int = 0
    quantity_returned: int = 0
    returned: int = 0
    points_returned: int = 0
    metadata: Metadata = {}


class Spend(Struct, frozen=True, kw_only=True):
    """A redemption that paid for a purchase, with the lots it took from, in the order of spending; `restored` of its
    points, the last of them, came back."""

    redemption_id: UUID
    points: int
    restored: int = 0
    lots: tuple[Lot, ...] = ()


class Restoration(Struct, frozen=True):
    """Points of a redemption that come back, and the lots that get them, each with how many."""

    redemption_id: UUID
    points: int
    lots: tuple[Lot, ...]


class ByRules(Struct, frozen=True, kw_only=True):
    """How rules judged a purchase, once for ever. `member_id` used their limits, and days were those of `timezone`;
    `known` is what they were told beside the purchase's own rows. The outcome has the rules that were met alone.
    `later` are the transactions of what did not come with the first of the points, where that was read."""

    member_id: UUID
    timezone: str
    known: dict[str, Any]
    outcome: Outcome
    later: tuple[UUID, ...] = ()


class Purchase(Struct, frozen=True, kw_only=True):
    """A purchase with what it earned, what was returned of it so far, and the `spent` points that paid for it.

    One that a merchant recorded has its `reference`; a payment has none. `rules_version` is the version of the
    programme's rules that judged it, and `by_rules` how, where that was read; `of_budgets` is what plain terms used.
    Budgets `cut` so many points of what these gave, and `budget` is the code of the last that did; `cut` is None where
    rules judged it, which say it of each, and where it is not known.
    """

    payment_id: UUID
    programme_id: UUID | None
    member_id: UUID
    transaction_id: UUID | None
    amount: int
    points: int
    returned: int = 0
    points_returned: int = 0
    reference: str | None = None
    merchant_id: UUID | None = None
    currency: str | None = None
    money_amount: int | None = None
    spent: int = 0
    occurred_at: datetime | None = None
    no_points_reason: str | None = None
    channel: str = ""
    store: str = ""
    metadata: Metadata = {}
    lines_by: str = MERCHANT
    lines: tuple[PurchaseLine, ...] = ()
    spends: tuple[Spend, ...] = ()
    rules_version: int | None = None
    by_rules: ByRules | None = None
    of_budgets: tuple[Spent, ...] = ()
    budget: str | None = None
    cut: int | None = 0

    @property
    def used_of_budgets(self) -> tuple[Spent, ...]:
        """Return what it used of budgets, by rules or by plain terms."""
        return self.by_rules.outcome.spent if self.by_rules else self.of_budgets

    @property
    def left(self) -> int:
        """Return how much of the money was not given back yet."""
        return max(0, self.amount - self.returned)


class LineReturn(Struct, frozen=True):
    """How much of a line a refund takes back."""

    line_id: str
    quantity: int
    amount: int


class NewPurchase(Struct, frozen=True, kw_only=True):
    """A payment that was taken; `money_amount` is the part that earns points, and `lines_by` whose word the lines, the
    channel, the store and the metadata are."""

    payment_id: UUID
    merchant_id: UUID
    order_id: str
    member_id: UUID
    currency: str
    amount: int
    money_amount: int
    lines: tuple[PurchaseLine, ...]
    captured_at: datetime
    channel: str = ""
    store: str = ""
    metadata: Metadata = {}
    lines_by: str = MEMBER
    correlation_id: str = ""
    causation_id: str = ""


class RecordedPurchase(Struct, frozen=True, kw_only=True):
    """A purchase that a merchant records by its own reference. `money_amount` is the part that earns points, where
    said, and the redemptions paid for another part. `is_by_programme`: no merchant records it, but who may give points.
    """

    reference: str
    merchant_id: UUID | None
    member_id: UUID
    currency: str
    amount: int
    money_amount: int | None = None
    channel: str = ""
    store: str = ""
    metadata: Metadata = {}
    lines: tuple[PurchaseLine, ...] = ()
    redemption_ids: tuple[UUID, ...] = ()
    occurred_at: datetime
    is_by_programme: bool = False


class Told(NamedTuple):
    """A purchase that is to be recorded, and in which programme: in the default one, where that is not said."""

    purchase: RecordedPurchase
    programme_id: UUID | None


class Recorded(NamedTuple):
    """A purchase that was recorded, now or before."""

    purchase: Purchase
    is_repeated: bool


class Refund(Struct, frozen=True, kw_only=True):
    """Money given back of a purchase: by lines, or of the whole when it names none.

    One that a merchant records has its `return_id`, and `request` is what it named.
    """

    refund_id: UUID
    payment_id: UUID
    amount: int
    refunded_at: datetime
    correlation_id: str = ""
    causation_id: str = ""
    lines: tuple[LineReturn, ...] = ()
    return_id: str | None = None
    reason: str = "refund"
    request: dict[str, Any] | None = None
    actor_id: UUID | None = None


def earning_amount(recorded: RecordedPurchase) -> int:
    """Return what earns of a purchase's amount: all but its lines without pieces."""
    return recorded.amount - sum(line.amount for line in recorded.lines if not line.quantity)


def cumulative_share(points: int, *, returned: int, total: int) -> int:
    """Return how many of the points are to be back once so much of the total is, rounded half up.

    Each step takes the difference to the last, so any number of steps ends at all of them and never beyond.
    """
    if total <= 0:
        return 0
    returned = min(returned, total)
    return (2 * points * returned + total) // (2 * total)


def claw_back(purchase: Purchase, refund: Refund) -> tuple[int, Purchase]:
    """Return how many points a refund takes back, and the purchase after it.

    The refund that makes the money whole takes all that is left.
    """
    returned = purchase.returned + refund.amount
    if names_lines(purchase, refund):
        lines = lines_after(purchase.lines, refund.lines)
        points = sum(line.points_returned for line in lines) - sum(line.points_returned for line in purchase.lines)
    else:
        lines = purchase.lines
        target = cumulative_share(purchase.points, returned=returned, total=purchase.amount)
        points = max(0, target - purchase.points_returned)
    left = purchase.points - purchase.points_returned
    points = left if returned >= purchase.amount else min(points, left)
    total = purchase.points_returned + points
    return points, structs.replace(purchase, returned=returned, points_returned=total, lines=lines)


def names_lines(purchase: Purchase, refund: Refund) -> bool:
    """Tell whether a refund is of lines, and all of them the purchase's."""
    return bool(refund.lines) and {line.line_id for line in refund.lines} <= {line.line_id for line in purchase.lines}


def lines_after(lines: Sequence[PurchaseLine], returns: Sequence[LineReturn]) -> tuple[PurchaseLine, ...]:
    """Return lines after pieces of them came back, each with the share of its points."""
    found = {line.line_id: line for line in lines}
    for one in returns:
        found[one.line_id] = _line_after(found[one.line_id], one.quantity, one.amount)
    return tuple(found.values())


def _line_after(line: PurchaseLine, quantity: int, amount: int) -> PurchaseLine:
    returned = line.returned + amount
    return structs.replace(
        line,
        quantity_returned=line.quantity_returned + quantity,
        returned=returned,
        points_returned=cumulative_share(line.points, returned=returned, total=line.amount),
    )


def restorations(purchase: Purchase) -> tuple[tuple[Restoration, ...], Purchase]:
    """Return the points that come back to where they were spent from, the last spent first, and the purchase then.

    As many as the share of the money that was given back, rounded half up, less those that came back before.
    """
    target = cumulative_share(purchase.spent, returned=purchase.returned, total=purchase.amount)
    missing = target - sum(spend.restored for spend in purchase.spends)
    found, spends = [], []
    for spend in reversed(purchase.spends):
        part = max(0, min(missing, spend.points - spend.restored))
        missing -= part
        found += [Restoration(spend.redemption_id, part, _last(spend, part))] if part else []
        spends.append(structs.replace(spend, restored=spend.restored + part))
    return tuple(found), structs.replace(purchase, spends=tuple(reversed(spends)))


def _last(spend: Spend, points: int) -> tuple[Lot, ...]:
    """Return the lots of the last so many points that have not come back yet."""
    left = spend.points - spend.restored
    return split(split(spend.lots, left)[0], left - points)[1]
