"""Points that end together, and where they are when they cannot be spent: set aside, or waiting."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from tests.model.world import Where

FAR = datetime(9999, 1, 1, tzinfo=UTC)


class End(NamedTuple):
    """When points end, and whether a programme reckoned that or somebody named it; None for never."""

    at: datetime | None = None
    is_reckoned: bool = False


@dataclass(eq=False)
class Lot:
    end: End
    born: int
    left: int

    @property
    def ends(self) -> datetime | None:
        return self.end.at

    def is_alive(self, now: datetime) -> bool:
        return self.end.at is None or now < self.end.at


Part = tuple[Lot, int]


@dataclass(eq=False)
class Hold:
    """Points set aside; `made` numbers holds and what waits by age."""

    parts: list[Part]
    until: datetime
    made: int
    state: str = "held"
    captured: int = 0

    @property
    def points(self) -> int:
        return sum(count for _, count in self.parts)


@dataclass(eq=False)
class Waiting:
    """Points that were earned and cannot be spent yet: until an instant, or until an event that comes before it.

    `where` is whose they are now, `end` the one that was named for them, and `lot` the one that they became.
    """

    where: Where
    left: int
    until: datetime
    made: int
    event: str = ""
    end: End | None = None
    state: str = "pending"
    activated: int = 0
    lot: Lot | None = None


def in_order(lots: list[Lot]) -> list[Lot]:
    """What ends first is spent first, never-ending last, then the oldest."""
    return sorted(lots, key=lambda lot: (lot.end.at or FAR, lot.born))


def parts_in_order(parts: list[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (part[0].end.at or FAR, part[0].born))


def first_of(parts: list[Part], points: int) -> tuple[list[Part], list[Part]]:
    """Part what was taken into the first so many points and the rest."""
    first, rest = [], []
    for lot, count in parts:
        here = min(count, points)
        points -= here
        first += [(lot, here)] if here else []
        rest += [(lot, count - here)] if count > here else []
    return first, rest
