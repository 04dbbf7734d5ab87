"""Points that end together, and where they are when they cannot be spent: set aside, or waiting."""

from dataclasses import dataclass
from datetime import UTC, datetime

FAR = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class Lot:
    ends: datetime | None
    born: int
    left: int

    def is_alive(self, now: datetime) -> bool:
        return self.ends is None or now < self.ends


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

    `ends` is the end that was named for them, and `lot` the one that they became.
    """

    left: int
    until: datetime
    made: int
    event: str = ""
    ends: datetime | None = None
    state: str = "pending"
    activated: int = 0
    lot: Lot | None = None


def in_order(lots: list[Lot]) -> list[Lot]:
    """What ends first is spent first, never-ending last, then the oldest."""
    return sorted(lots, key=lambda lot: (lot.ends or FAR, lot.born))


def parts_in_order(parts: list[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (part[0].ends or FAR, part[0].born))


def first_of(parts: list[Part], points: int) -> tuple[list[Part], list[Part]]:
    """Part what was taken into the first so many points and the rest."""
    first, rest = [], []
    for lot, count in parts:
        here = min(count, points)
        points -= here
        first += [(lot, here)] if here else []
        rest += [(lot, count - here)] if count > here else []
    return first, rest
