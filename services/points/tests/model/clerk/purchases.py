"""What purchases earn, and what refunds take back of it."""

from tests.model.clerk.arithmetic import share_of, shared
from tests.model.clerk.lots import Waiting
from tests.model.clerk.office import Office
from tests.model.clerk.records import Deed, Purchase
from tests.model.clerk.waits import until
from tests.model.world import POLICIES, Outcome, Where


class Purchases(Office):
    def buy(self, who: int, lines: list[int]) -> Outcome:
        where, amount = (who, self.default), sum(lines)
        policy = POLICIES[self.default]
        points = 0 if self.default in self.closed else amount * policy.earn_points // policy.earn_amount
        shares, nothing = shared(points, lines), [0] * len(lines)
        deed = self._earn_by(where, points) if points else None
        self.purchases.append(Purchase(where, points, amount, lines, shares, deed, lines_returned=nothing))
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
        if found.deed:
            self._claw_back(found.deed, points)
        return "done", points

    def left_of(self, purchase: int, amounts: list[int]) -> list[int]:
        """Bound what is to be refunded of each line by what was not refunded yet, of the line and of the whole."""
        found, bounded = self.purchases[purchase], []
        left = found.amount - found.returned
        for amount, line, back in zip(amounts, found.lines, found.lines_returned, strict=False):
            bounded.append(min(amount, line - back, left))
            left -= bounded[-1]
        return bounded

    def _earn_by(self, where: Where, points: int) -> Deed:
        programme = where[1]
        ready = until(self.now, None, self.pending_days[programme], POLICIES[programme].timezone)
        if ready:
            self._let_wait("bought", where, points, Waiting(points, ready, self._number()))
        else:
            self._give("bought", "issued", where, points, self._end_at(programme, self.now))
        return self.deeds[-1]

    def _claw_back(self, deed: Deed, points: int) -> None:
        book = self.books[deed.where]
        book.sums["returned"] += points
        waited = book.shrink(deed.waiting, points) if deed.waiting else 0
        book.take(points - waited, self.now, own=deed.lot)

    def _return_lines(self, found: Purchase, amounts: list[int]) -> int:
        points = 0
        for number, amount in enumerate(amounts):
            share, line, before = found.shares[number], found.lines[number], found.lines_returned[number]
            found.lines_returned[number] = before + amount
            points += share_of(share, before + amount, line) - share_of(share, before, line)
        return points
