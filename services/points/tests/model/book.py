"""One member's points as a careful clerk would note them: lots and plain sums. Knows no code of the ledger."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

FAR = datetime(9999, 1, 1, tzinfo=UTC)


class RefusedError(Exception):
    """The clerk refuses, with the code that the outside sees."""


@dataclass(eq=False)
class Lot:
    ends: datetime | None
    born: int
    left: int

    def is_alive(self, now: datetime) -> bool:
        return self.ends is None or now < self.ends


Part = tuple[Lot, int]


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


@dataclass(eq=False)
class Hold:
    parts: list[Part]
    ends: datetime
    made: int
    state: str = "held"
    captured: int = 0

    @property
    def points(self) -> int:
        return sum(count for _, count in self.parts)


@dataclass
class Book:
    """The lots of an account, what is owed, the open holds, and how much moved in and out by kind."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)
    owed: int = 0

    def alive(self, now: datetime) -> list[Lot]:
        return in_order([lot for lot in self.lots if lot.left and lot.is_alive(now)])

    def available(self, now: datetime) -> int:
        return sum(lot.left for lot in self.alive(now))

    def held(self) -> int:
        return sum(hold.points for hold in self.holds)

    def pay(self, points: int) -> int:
        """Pay what is owed, as far as the points go; return how many were needed."""
        paid = min(points, self.owed)
        self.owed -= paid
        return paid

    def open(self, points: int, ends: datetime | None, born: int) -> list[Part]:
        if not points:
            return []
        self.lots.append(Lot(ends, born, points))
        return [(self.lots[-1], points)]

    def spend(self, points: int, now: datetime) -> list[Part]:
        if (available := self.available(now)) < points:
            raise RefusedError("points.insufficient", available)
        return self.take(points, now)

    def take(self, points: int, now: datetime, own: Lot | None = None) -> list[Part]:
        """Take points, from one's own lot first; what is not there is owed."""
        parts = []
        for lot in sorted(self.alive(now), key=lambda lot: lot is not own):
            part = min(points, lot.left)
            lot.left -= part
            points -= part
            parts += [(lot, part)] if part else []
        self.owed += points
        return parts_in_order(parts)

    def give_back(self, parts: list[Part]) -> list[Part]:
        """Let points come back to their lots; the first of them pay what is owed."""
        paid = self.pay(sum(count for _, count in parts))
        back = first_of(parts_in_order(parts), paid)[1]
        for lot, count in back:
            lot.left += count
        return back

    def close(self, hold: Hold, state: str, now: datetime, captured: int = 0) -> list[Part]:
        """Close a hold: the first points are spent, the rest comes back; return what was spent."""
        self.holds.remove(hold)
        hold.state, hold.captured = state, captured
        spent, rest = first_of(hold.parts, captured)
        self.give_back(rest)
        self.bury([lot for lot, _ in rest], now)
        return spent

    def let_holds_end(self, now: datetime) -> None:
        """Close the holds whose time has passed in the order of their ends, in which they pay what is owed."""
        over = [hold for hold in self.holds if hold.ends <= now]
        for hold in sorted(over, key=lambda hold: (hold.ends, hold.made)):
            self.close(hold, "expired", now)

    def bury(self, lots: list[Lot], now: datetime) -> None:
        for lot in lots:
            if not lot.is_alive(now):
                lot.left = 0
