"""What postings will come to, by a few numbers of an account instead of its lots: for the dry runs of long lists."""

from datetime import datetime

from msgspec import Struct

from points.ledger.errors import BalanceTooLarge, InsufficientPoints
from points.ledger.rules.postings import LARGEST_BALANCE
from points.ledger.rules.values import Kind, Posting


class Standing(Struct):
    """What decides about a member's next posting: the points that can be spent, less what is owed, and the
    counter-accounts that have a limit."""

    spendable: int = 0
    issued: int = 0
    adjusted: int = 0

    def plus(self, other: "Standing", sign: int = 1) -> "Standing":
        """Return the sum, or with a sign of -1 the difference."""
        return Standing(
            self.spendable + sign * other.spendable,
            self.issued + sign * other.issued,
            self.adjusted + sign * other.adjusted,
        )


def foresee(posting: Posting, before: Standing, *, at: datetime) -> Standing:
    """Return what an earning, a redemption or an adjustment leaves, as the engine would decide it at an instant.

    :raises InsufficientPoints: it takes more than can be spent.
    :raises BalanceTooLarge: the account would leave the range that the ledger can count.
    """
    takes = posting.kind == Kind.REDEEMED or posting.points < 0
    if takes and before.spendable < abs(posting.points):
        raise InsufficientPoints(requested=abs(posting.points), available=max(before.spendable, 0))
    spendable = -abs(posting.points) if takes else _given(posting, before, at)
    after = before.plus(Standing(spendable, *_counters(posting)))
    if -after.issued > LARGEST_BALANCE or abs(after.adjusted) > LARGEST_BALANCE:
        raise BalanceTooLarge()
    return after


def _given(posting: Posting, before: Standing, at: datetime) -> int:
    """Return how much more can be spent: points that wait are no help yet, those that have ended pay what is owed."""
    if posting.activates:
        return 0
    if has_ended(posting, at=at):
        return min(posting.points, max(-before.spendable, 0))
    return posting.points


def _counters(posting: Posting) -> tuple[int, int]:
    if posting.kind == Kind.EARNED:
        return -posting.points, 0
    return 0, -posting.points if posting.kind == Kind.ADJUSTED else 0


def has_ended(posting: Posting, *, at: datetime) -> bool:
    """Tell whether the points that a posting gives have ended at an instant: they never could be spent."""
    return posting.activates is None and posting.expires_at is not None and posting.expires_at <= at
