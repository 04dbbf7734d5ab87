"""Whether our facts agree with a service's own count. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Facts follow within seconds; a count older than this should have been reached.
PATIENCE = timedelta(seconds=60)
MATCHED, WAITING, DIFFERENT = "matched", "waiting", "different"
SERVICE_OF = {
    **dict.fromkeys(("points", "tier_changes", "budgets"), "points"),
    **dict.fromkeys(("payments", "wallets"), "payments"),
}
# No service counts these: facts by rule are held against the entries of points that they are parts of.
BY_RULES = "rules"
LEDGERS = sorted([*SERVICE_OF, BY_RULES])


@dataclass(frozen=True, slots=True, order=True)
class Movement:
    """One kind of movement in one unit (a currency, a programme or a budget) of one ledger on one UTC day."""

    day: date
    ledger: str
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sum:
    """How many and how much."""

    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Ours:
    """What our facts come to: until the service counted, and on the whole day."""

    counted: Sum
    whole: Sum


NOTHING = Sum(0, 0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How our sum of a movement compares with theirs, counted at `as_of`; both None where nothing was said yet."""

    movement: Movement
    ours: Sum
    theirs: Sum | None
    as_of: datetime | None
    status: str


def compare(
    ours: Mapping[Movement, Ours],
    theirs: Mapping[Movement, Sum],
    counted: Mapping[tuple[str, date], datetime],
    *,
    at: datetime,
) -> Iterator[Verdict]:
    """Judge every movement that either side knows; `counted` tells when a service counted a day.

    A movement that only one side knows is zero on the other, but nothing is held against a service
    that has not counted the day yet.
    """
    for movement in sorted(ours.keys() | theirs.keys()):
        as_of = counted.get((SERVICE_OF.get(movement.ledger, movement.ledger), movement.day))
        other = None if as_of is None else theirs.get(movement, NOTHING)
        mine = _comparable(ours.get(movement, Ours(NOTHING, NOTHING)), other)
        yield Verdict(movement, mine, other, as_of, status_of(mine, other, as_of, at=at))


def agree(found: Mapping[Movement, tuple[Sum, Sum]]) -> Iterator[Verdict]:
    """Judge facts that are parts of others, each beside what these say: both come in one transaction, so none waits."""
    for movement, (parts, wholes) in sorted(found.items()):
        yield Verdict(movement, parts, wholes, None, MATCHED if parts == wholes else DIFFERENT)


def _comparable(ours: Ours, theirs: Sum | None) -> Sum:
    """Return the whole day where that is what they counted, else what was posted until they counted.

    A count says the instant it began; what was posted while it ran may be in it, and a day that
    stays as it is is not told again.
    """
    return ours.whole if theirs is None or ours.whole == theirs else ours.counted


def status_of(ours: Sum, theirs: Sum | None, as_of: datetime | None, *, at: datetime) -> str:
    """Return matched, waiting (not counted yet, or so lately that messages may be on their way) or different."""
    if theirs is None or as_of is None:
        return WAITING
    if ours == theirs:
        return MATCHED
    return WAITING if at - as_of < PATIENCE else DIFFERENT
