"""What some rows came to: how many of each outcome, and the points that they moved or would move."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from points.imports.rules.rows import Command
from points.ledger.errors import NotReversible
from points.ledger.rules.values import Kind, Posted
from shared.errors import DomainError


class Tally(Struct, kw_only=True):
    """Counts of rows, and points and money of those that were accepted; see the model ImportRun."""

    rows: int = 0
    accepted: int = 0
    known: int = 0
    refused: int = 0
    earns_nothing: int = 0
    left_out: int = 0
    earned: int = 0
    redeemed: int = 0
    added: int = 0
    deducted: int = 0
    earned_rows: int = 0
    redeemed_rows: int = 0
    adjusted_rows: int = 0
    already_expired_rows: int = 0
    already_expired: int = 0
    amount: int = 0
    unknown_members: int = 0

    @classmethod
    def of(cls, counted: Any) -> "Tally":
        """Return the counts of whatever has them as attributes."""
        return cls(**{name: getattr(counted, name) for name in cls.__struct_fields__})

    @property
    def points(self) -> int:
        """Return what accepted rows add, less what they take."""
        return self.earned + self.added - self.redeemed - self.deducted

    def moves_as(self, other: "Tally") -> bool:
        """Tell whether two tallies come to the same; who registered meanwhile changes nothing of what is posted."""
        return structs.replace(self, unknown_members=0) == structs.replace(other, unknown_members=0)

    def items(self) -> Iterable[tuple[str, int]]:
        """Return each count with its name."""
        return structs.asdict(self).items()


class Accepted(Struct, frozen=True):
    """A row that was posted, or would be.

    `has_ended` where its points had ended before they came, `is_unknown` where its member never registered;
    `transaction_id` is what it becomes by its commit.
    """

    command: Command
    has_ended: bool = False
    is_unknown: bool = False
    transaction_id: UUID | None = None


class Known(Struct, frozen=True):
    """A row that was posted before."""


class EarnsNothing(Struct, frozen=True):
    """A row that is too small for a point: nothing is posted."""


class LeftOut(Struct, frozen=True):
    """A row whose points have ended already, which the mapping says to leave out."""

    command: Command


Outcome = Accepted | Known | EarnsNothing | LeftOut | DomainError


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Count outcomes."""
    found = Tally()
    for outcome in outcomes:
        found.rows += 1
        if isinstance(outcome, Accepted):
            _accept(found, outcome)
        elif isinstance(outcome, Known):
            found.known += 1
        elif isinstance(outcome, EarnsNothing):
            found.earns_nothing += 1
        elif isinstance(outcome, LeftOut):
            found.left_out += 1
            _end(found, outcome.command)
        else:
            found.refused += 1
    return found


def _accept(found: Tally, accepted: Accepted) -> None:
    command = accepted.command
    found.accepted += 1
    found.unknown_members += accepted.is_unknown
    found.amount += command.amount
    if accepted.has_ended:
        _end(found, command)
    if command.kind == Kind.EARNED:
        found.earned, found.earned_rows = found.earned + command.points, found.earned_rows + 1
    elif command.kind == Kind.REDEEMED:
        found.redeemed, found.redeemed_rows = found.redeemed + command.points, found.redeemed_rows + 1
    else:
        found.adjusted_rows += 1
        found.added += max(command.points, 0)
        found.deducted += max(-command.points, 0)


def _end(found: Tally, command: Command) -> None:
    found.already_expired_rows += 1
    found.already_expired += command.points


def reversals(outcomes: Iterable[Posted | DomainError]) -> Tally:
    """Count what became of transactions that were to be reversed, with the points of those that were."""
    found = Tally()
    for outcome in outcomes:
        found.rows += 1
        if isinstance(outcome, NotReversible) or (isinstance(outcome, Posted) and outcome.is_repeated):
            found.known += 1
        elif isinstance(outcome, Posted):
            _reverse(found, outcome)
        else:
            found.refused += 1
    return found


def _reverse(found: Tally, reversal: Posted) -> None:
    issued, redeemed, adjusted = (reversal.moved(counter) for counter in ("issued", "redeemed", "adjusted"))
    found.accepted += 1
    found.earned, found.earned_rows = found.earned + issued, found.earned_rows + (issued != 0)
    found.redeemed, found.redeemed_rows = found.redeemed - redeemed, found.redeemed_rows + (redeemed != 0)
    found.adjusted_rows += adjusted != 0
    found.added += max(adjusted, 0)
    found.deducted += max(-adjusted, 0)


def refusals_by_code(outcomes: Iterable[Outcome]) -> Counter[str]:
    """Count the refusals by their codes."""
    return Counter(outcome.code for outcome in outcomes if isinstance(outcome, DomainError))


def together(counts: dict[str, int], more: Counter[str]) -> dict[str, int]:
    """Return counts by code with some more, in the order of the codes."""
    return dict(sorted((more + Counter(counts)).items()))
