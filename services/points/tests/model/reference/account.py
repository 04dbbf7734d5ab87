"""One member's points, noted by hand: lots and plain sums. Knows no code of the ledger."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.model.reference.lots import End, Hold, Lot, Part, Waiting, first_of, in_order, parts_in_order
from tests.model.reference.refusals import RefusedError


@dataclass
class Account:
    """The lots of an account, what is owed, set aside, waits or is gone, and how much moved in and out by kind."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)
    owed: int = 0
    opened: int = 0
    gone: int = 0

    def alive(self, now: datetime) -> list[Lot]:
        return in_order([lot for lot in self.lots if lot.left and lot.is_alive(now)])

    def available(self, now: datetime) -> int:
        return sum(lot.left for lot in self.lots if lot.is_alive(now))

    def held(self) -> int:
        return sum(hold.points for hold in self.holds)

    def pending(self) -> int:
        return sum(one.left for one in self.waiting)

    def pay(self, points: int) -> int:
        """Pay what is owed, as far as the points go; return how many were needed."""
        paid = min(points, self.owed)
        self.owed -= paid
        return paid

    def open(self, points: int, end: End, *, is_alone: bool = True) -> list[Part]:
        """Open a lot, where there are points for it; as old as the last one, where it came together with that."""
        self.opened += is_alone
        if not points:
            return []
        self.lots.append(Lot(end, self.opened, points))
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
        """Let points come back to their lots; the first of them that were taken pay what is owed."""
        paid = self.pay(sum(count for _, count in parts))
        back = first_of(parts, paid)[1]
        for lot, count in back:
            lot.left += count
        return back

    def close(self, hold: Hold, state: str, now: datetime, captured: int = 0) -> list[Part]:
        """Close a hold: the first points are spent, the rest comes back; return what was spent."""
        self.holds.remove(hold)
        hold.state, hold.captured = state, captured
        spent, rest = first_of(parts_in_order(hold.parts), captured)
        self.give_back(rest)
        self.bury([lot for lot, _ in rest], now)
        return spent

    def activate(self, one: Waiting, end: End) -> list[Part]:
        """Let what waited be spent from now on: what is owed is paid first, the rest is a lot."""
        self.waiting.remove(one)
        opened = self.open(one.left - self.pay(one.left), one.end or end)
        one.state, one.left, one.activated = "activated", 0, one.left
        one.lot = opened[0][0] if opened else None
        return opened

    def cancel(self, one: Waiting) -> None:
        """Let what waited never have been given."""
        self.sums["issued"] -= one.left
        self.shrink(one, one.left)

    def shrink(self, one: Waiting, points: int) -> int:
        """Take points from what waits, as far as they are there; return how many."""
        taken = min(points, one.left)
        one.left -= taken
        if taken and not one.left:
            one.state = "cancelled"
            self.waiting.remove(one)
        return taken

    def let_time_pass(self, now: datetime, end_at: Callable[[datetime], End]) -> None:
        """Do what is due in the order of time, in which it pays what is owed.

        Holds end; what waited is activated, or cancelled where the event that it waited for never came.
        """
        over = [one for one in [*self.holds, *self.waiting] if one.until <= now]
        for one in sorted(over, key=lambda one: (one.until, one.made)):
            if isinstance(one, Hold):
                self.close(one, "expired", now)
            elif one.event:
                self.cancel(one)
            else:
                self.activate(one, end_at(one.until))

    def slide(self, end: End, now: datetime) -> None:
        """Let what is there, or set aside, end as late as what comes now, where no other end was named for it."""
        aside = [lot for hold in self.holds for lot, _ in hold.parts]
        for lot in self.lots:
            if lot.end.is_reckoned and (lot.left or lot in aside) and lot.is_alive(now):
                lot.end = max(lot.end, end)

    def bury(self, lots: list[Lot], now: datetime) -> None:
        for lot in lots:
            if not lot.is_alive(now):
                self.gone += lot.left
                lot.left = 0
