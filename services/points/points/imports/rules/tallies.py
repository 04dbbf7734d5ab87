"""What some rows came to: how many of each outcome, and the points that they moved or would move."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import Struct, structs

from points.imports.rules.rows import Wish
from points.ledger.errors import InsufficientPoints
from points.ledger.rules.values import Kind
from shared.errors import DomainError


class Tally(Struct, kw_only=True):
    """Counts of rows, and points and money of those that were accepted; see the model ImportRun."""

    rows: int = 0
    accepted: int = 0
    known: int = 0
    refused: int = 0
    earned: int = 0
    redeemed: int = 0
    added: int = 0
    deducted: int = 0
    earned_rows: int = 0
    redeemed_rows: int = 0
    adjusted_rows: int = 0
    amount: int = 0

    def items(self) -> Iterable[tuple[str, int]]:
        """Return each count with its name."""
        return structs.asdict(self).items()


class Accepted(Struct, frozen=True):
    """A row that was posted, or would be; `is_pending` where it is foreseen that its points will wait."""

    wish: Wish
    is_pending: bool = False


class Known(Struct, frozen=True):
    """A row that was posted before."""


Outcome = Accepted | Known | DomainError


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Count outcomes."""
    found = Tally()
    for outcome in outcomes:
        found.rows += 1
        if isinstance(outcome, Accepted):
            _accept(found, outcome.wish)
        elif isinstance(outcome, Known):
            found.known += 1
        else:
            found.refused += 1
    return found


def _accept(found: Tally, wish: Wish) -> None:
    found.accepted += 1
    found.amount += wish.amount
    if wish.kind == Kind.EARNED:
        found.earned, found.earned_rows = found.earned + wish.points, found.earned_rows + 1
    elif wish.kind == Kind.REDEEMED:
        found.redeemed, found.redeemed_rows = found.redeemed + wish.points, found.redeemed_rows + 1
    else:
        found.adjusted_rows += 1
        found.added += max(wish.points, 0)
        found.deducted += max(-wish.points, 0)


def change_of(wish: Wish) -> int:
    """Return the signed change that a row makes to its member's points."""
    return -wish.points if wish.kind == Kind.REDEEMED else wish.points


def foresee(wish: Wish, left: dict[UUID, int], *, is_pending: bool = False) -> Outcome:
    """Tell whether a member's points will cover a row, and note in `left` what it leaves them; points that wait to be
    activated cannot be spent."""
    change, before = 0 if is_pending else change_of(wish), left.get(wish.member_id, 0)
    if before + change < 0 and change < 0:
        return InsufficientPoints(available=max(before, 0), requested=-change)
    left[wish.member_id] = before + change
    return Accepted(wish, is_pending)


def changes_of(outcomes: Iterable[Outcome]) -> Mapping[UUID, int]:
    """Return what accepted rows change of each member's points that can be spent, together."""
    found: dict[UUID, int] = {}
    for outcome in outcomes:
        if isinstance(outcome, Accepted):
            wish = outcome.wish
            change = 0 if outcome.is_pending else change_of(wish)
            found[wish.member_id] = found.get(wish.member_id, 0) + change
    return found
