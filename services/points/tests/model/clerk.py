"""The reference model: what each operation of the ledger must come to, said in the simplest words.

Every method is one operation and answers as a ledger does (see world.Outcome). A new operation is a method here, one
in each ledger (values.py, database.py) and a rule of the machine.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.model.arithmetic import midnight_after, share_of, shared
from tests.model.book import Book, Hold, Part, RefusedError, in_order
from tests.model.records import Deed, Purchase, Request
from tests.model.world import ACCOUNTS, ANYTHING, LARGEST, POLICIES, START, Outcome, Where


class Clerk:
    """Keeps a book for each account. Holds end and dead points go at the very instant, whatever job has run."""

    def __init__(self) -> None:
        self.now = START
        self.books = {where: Book() for where in ACCOUNTS}
        self.deeds: list[Deed] = []
        self.causes: dict[str, Deed] = {}
        self.requests: list[Request] = []
        self.holds: list[tuple[Where, Hold]] = []
        self.purchases: list[Purchase] = []
        self.default = 0
        self.closed: set[int] = set()

    def do(self, operation: str, **wish: Any) -> Outcome:
        """Carry out one operation, which changes nothing when it is refused."""
        try:
            return getattr(self, operation)(**wish)  # type: ignore[no-any-return]
        except RefusedError as refusal:
            return "refused", *refusal.args

    def time_passes(self, to: datetime) -> Outcome:
        self.now = to
        for book in self.books.values():
            book.let_holds_end(to)
        return ("done",)

    def switch_default(self) -> Outcome:
        self.default = 1 - self.default
        return ("done",)

    def open_or_close(self, programme: int) -> Outcome:
        self.closed ^= {programme}
        return ("done",)

    def earn(self, where: Where, points: int, hours: int | None, key: str | None = None) -> Outcome:
        self._refuse_closed(where)
        return self._give("earned", "issued", where, points, self._end(where, hours), key)

    def redeem(self, where: Where, points: int, key: str | None = None) -> Outcome:
        return self._spend("redeemed", "redeemed", where, points, 1, key)

    def adjust(self, where: Where, points: int, asked_by: int) -> Outcome:
        limit = POLICIES[where[1]].adjustment_limit
        if limit is not None and abs(points) > limit:
            self.requests.append(Request(where, points, asked_by))
            return ("pending",)
        return self._adjust(where, points)

    def approve(self, request: int, by: int) -> Outcome:
        asked = self._undecided(request, by)
        _, change, _ = self._adjust(asked.where, asked.points)
        asked.state = "approved"
        return "done", change

    def reject(self, request: int, by: int) -> Outcome:
        self._undecided(request, by).state = "rejected"
        return ("done",)

    def batch(self, lines: list[tuple[str, Where, int, str]]) -> Outcome:
        """Each line on its own, upon those before it."""
        return tuple(self.do("batch_line", kind=kind, where=where, points=n, key=key) for kind, where, n, key in lines)

    def batch_line(self, kind: str, where: Where, points: int, key: str) -> Outcome:
        if kind == "earn":
            return self._give("earned", "issued", where, abs(points), None, key)
        if kind == "redeem":
            return self._spend("redeemed", "redeemed", where, abs(points), 1, key)
        return self._adjust(where, points, key)

    def transfer(self, where: Where, to: int, points: int) -> Outcome:
        if where[0] == to:
            raise RefusedError("points.transfer_to_oneself", None)
        self._refuse_closed(where)
        sent = self._spend("sent", "adjusted", where, points, -1)
        arrived: dict[datetime | None, int] = {}
        for lot, count in self.deeds[-1].taken:
            arrived[lot.ends] = arrived.get(lot.ends, 0) + count
        return sent, self._receive((to, where[1]), points, arrived)

    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        book = self.books[where]
        made = Hold(book.spend(points, self.now), self.now + timedelta(hours=hours), made=len(self.holds))
        book.holds.append(made)
        self.holds.append((where, made))
        return "done", _said(made.parts, 1)

    def capture(self, hold: int, points: int) -> Outcome:
        where, found = self.holds[hold]
        if points > found.points:
            raise RefusedError("points.capture_too_large", None)
        self._refuse_not_open(found)
        spent = self.books[where].close(found, "captured", self.now, captured=points)
        self.books[where].sums["redeemed"] += points
        self.deeds.append(Deed("redeemed", where, points, spent))
        return "captured", points

    def void(self, hold: int) -> Outcome:
        where, found = self.holds[hold]
        self._refuse_not_open(found)
        self.books[where].close(found, "voided", self.now)
        return "voided", 0

    def extend(self, hold: int, hours: int) -> Outcome:
        _, found = self.holds[hold]
        self._refuse_not_open(found)
        found.ends = max(found.ends, self.now + timedelta(hours=hours))
        return "done", found.ends

    def reverse(self, deed: int) -> Outcome:
        found = self.deeds[deed]
        if found.kind not in ("earned", "redeemed", "adjusted"):
            raise RefusedError("points.not_reversible", None)
        if found.is_undone:
            raise RefusedError("points.already_reversed", None)
        book, before = self.books[found.where], self.books[found.where].available(self.now)
        found.is_undone = True
        self.deeds.append(Deed("reversed", found.where, found.points))
        counter = {"earned": "issued"}.get(found.kind, found.kind)
        if not found.taken:
            book.sums[counter] -= found.points
            taken = book.take(found.points, self.now, own=found.opened)
            return "done", book.available(self.now) - before, _said(taken, -1)
        book.sums[counter] += found.points * (-1 if counter == "redeemed" else 1)
        back = book.give_back(found.taken)
        outcome = "done", sum(count for _, count in back), _said(back, 1)
        book.bury([lot for lot, _ in found.taken], self.now)
        return outcome

    def buy(self, who: int, lines: list[int]) -> Outcome:
        where, amount = (who, self.default), sum(lines)
        policy = POLICIES[self.default]
        points = 0 if self.default in self.closed else amount * policy.earn_points // policy.earn_amount
        lot = None
        if points:
            self._give("bought", "issued", where, points, self._end(where, None))
            lot = self.deeds[-1].opened
        shares = shared(points, lines)
        self.purchases.append(Purchase(where, points, amount, lines, shares, lot, lines_returned=[0] * len(lines)))
        return "done", points

    def buy_again(self, purchase: int) -> Outcome:
        return "done", self.purchases[purchase].points

    def refund(self, purchase: int, amounts: list[int], is_by_line: bool) -> Outcome:
        """Take back the share of each line, or of the whole; the refund that makes it whole takes all that is left."""
        found, total = self.purchases[purchase], sum(amounts)
        if is_by_line:
            points = self._return_lines(found, amounts)
        else:
            points = max(0, share_of(found.points, found.returned + total, found.amount) - found.back)
        found.returned += total
        points = found.points - found.back if found.returned >= found.amount else min(points, found.points - found.back)
        found.back += points
        book = self.books[found.where]
        book.sums["returned"] += points
        book.take(points, self.now, own=found.lot)
        return "done", points

    def expire(self, limit: int) -> Outcome:
        """The jobs change nothing that can be seen, but tidy up."""
        for book in self.books.values():
            book.bury(book.lots, self.now)
        return ("done",)

    def expire_lot(self, deed: int) -> Outcome:
        """Ask for the end of one lot, which never comes while it lives."""
        lot = self.deeds[deed].opened
        if lot is None or lot.is_alive(self.now):
            raise RefusedError("points.nothing_to_expire", None)
        return ANYTHING

    def state(self, where: Where) -> dict[str, Any]:
        book = self.books[where]
        sums = {name: book.sums[name] for name in ("issued", "redeemed", "adjusted", "returned")}
        alive = [(lot.ends, lot.left) for lot in in_order(book.alive(self.now))]
        points = {"available": book.available(self.now), "held": book.held(), "owed": book.owed}
        return points | sums | {"lots": alive}

    def left_of(self, purchase: int, amounts: list[int]) -> list[int]:
        """Bound what is to be refunded of each line by what was not refunded yet, of the line and of the whole."""
        found, bounded = self.purchases[purchase], []
        left = found.amount - found.returned
        for amount, line, back in zip(amounts, found.lines, found.lines_returned, strict=False):
            bounded.append(min(amount, line - back, left))
            left -= bounded[-1]
        return bounded

    def upcoming(self, of: str) -> list[datetime]:
        """The next instants at which a lot or a hold ends."""
        books = self.books.values()
        if of == "hold":
            return sorted({hold.ends for book in books for hold in book.holds})
        ends = {lot.ends for book in books for lot in book.lots if lot.left and lot.ends}
        return sorted(end for end in ends if end > self.now)

    def _give(
        self, kind: str, counter: str, where: Where, points: int, ends: datetime | None, key: str | None = None
    ) -> Outcome:
        if key and (known := self._known(key, kind, where, points)) is not None:
            return known
        book = self.books[where]
        if book.sums[counter] + points > LARGEST:
            raise RefusedError("points.balance_too_large", None)
        book.sums[counter] += points
        opened = book.open(points - book.pay(points), ends, len(self.deeds))
        self._note(Deed(kind, where, points, opened=opened[0][0] if opened else None), key)
        return "done", sum(count for _, count in opened), _said(opened, 1)

    def _spend(self, kind: str, counter: str, where: Where, points: int, sign: int, key: str | None = None) -> Outcome:
        if key and (known := self._known(key, kind, where, -points if kind == "adjusted" else points)) is not None:
            return known
        book = self.books[where]
        taken = book.spend(points, self.now)
        book.sums[counter] += sign * points
        self._note(Deed(kind, where, points, taken), key)
        return "done", -points, _said(taken, -1)

    def _adjust(self, where: Where, points: int, key: str | None = None) -> Outcome:
        if points > 0:
            return self._give("adjusted", "adjusted", where, points, self._end(where, None), key)
        return self._spend("adjusted", "adjusted", where, -points, -1, key)

    def _receive(self, where: Where, points: int, arrived: dict[datetime | None, int]) -> Outcome:
        book, paid, opened = self.books[where], 0, []
        paid = owed = book.pay(points)
        for ends, count in arrived.items():
            pays = min(count, owed)
            owed -= pays
            opened += book.open(count - pays, ends, len(self.deeds))
        book.sums["adjusted"] += points
        self.deeds.append(Deed("received", where, points, opened=opened[-1][0] if opened else None))
        return "done", points - paid, _said(opened, 1)

    def _known(self, key: str, kind: str, where: Where, points: int) -> Outcome | None:
        """What became of a cause before: the same, or it was another one's."""
        if (before := self.causes.get(key)) is None:
            return None
        signed = -before.points if before.taken and kind == "adjusted" else before.points
        if (before.kind, before.where, signed) != (kind, where, points):
            raise RefusedError("points.key_reused", None)
        return "repeated", next(number for number, deed in enumerate(self.deeds) if deed is before)

    def _note(self, deed: Deed, key: str | None) -> None:
        self.deeds.append(deed)
        if key:
            self.causes[key] = deed

    def _return_lines(self, found: Purchase, amounts: list[int]) -> int:
        points = 0
        for number, amount in enumerate(amounts):
            share, line, before = found.shares[number], found.lines[number], found.lines_returned[number]
            found.lines_returned[number] = before + amount
            points += share_of(share, before + amount, line) - share_of(share, before, line)
        return points

    def _undecided(self, request: int, by: int) -> Request:
        asked = self.requests[request]
        if asked.state != "pending":
            raise RefusedError("points.adjustment_decided", asked.state)
        if asked.asked_by == by:
            raise RefusedError("points.same_person", None)
        return asked

    def _refuse_closed(self, where: Where) -> None:
        if where[1] in self.closed:
            raise RefusedError("programmes.closed", None)

    def _refuse_not_open(self, found: Hold) -> None:
        if found.state != "held":
            raise RefusedError("points.hold_not_open", found.state)

    def _end(self, where: Where, hours: int | None) -> datetime | None:
        if hours is not None:
            # Never at a midnight, where the ledger keeps named ends and reckoned ones apart and the clerk does not.
            return self.now + timedelta(hours=hours, minutes=7)
        policy = POLICIES[where[1]]
        return None if policy.lot_days is None else midnight_after(self.now, policy.lot_days, policy.timezone)


def _said(parts: Iterable[Part], sign: int) -> tuple[tuple[datetime | None, int], ...]:
    return tuple((lot.ends, sign * count) for lot, count in parts)
