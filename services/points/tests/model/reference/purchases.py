"""What purchases earn: those of payments, and those that merchants record."""

from tests.model.reference.arithmetic import shared
from tests.model.reference.driver import Driver
from tests.model.reference.lots import Waiting
from tests.model.reference.records import Deed, Line, Payment, Purchase
from tests.model.reference.refusals import RefusedError
from tests.model.reference.waits import until
from tests.model.world import POLICIES, Outcome, Where


class Purchases(Driver):
    def buy(self, who: int, lines: list[int]) -> Outcome:
        """A payment earns in the default programme, if that gives points at all."""
        where = (who, self.default)
        points = 0 if self.default in self.closed else _earned(self.default, sum(lines))
        deed = self._earn_by(self._owner(where), points) if points else None
        self.purchases.append(Purchase(where, points, _lines([(1, cost) for cost in lines], points), deed))
        return "done", points

    def record(self, where: Where, lines: list[tuple[int, int]], paid_by: list[int]) -> Outcome:
        """A merchant's purchase earns by the money that the points left to be paid."""
        paying = [self.deeds[number] for number in sorted(paid_by)]
        self._refuse_foreign(where, paying)
        spent, cost = sum(deed.points for deed in paying), sum(cost for _, cost in lines)
        worth = spent * POLICIES[where[1]].value_amount // POLICIES[where[1]].value_points
        points = _earned(where[1], max(0, cost - worth))
        if points:
            self._refuse_merged(where)
        if any(paid.is_undone or paid.pays for paid in paying):
            raise RefusedError("points.redemption_not_usable", None)
        deed = self._earn_by(where, points) if points else None
        for paid in paying:
            paid.pays = True
        payments = [Payment(paid.taken) for paid in paying]
        self.purchases.append(Purchase(where, points, _lines(lines, points), deed, True, payments, spent))
        return "done", points

    def buy_again(self, purchase: int) -> Outcome:
        return "done", self.purchases[purchase].points

    def _earn_by(self, where: Where, points: int) -> Deed:
        programme = where[1]
        ready = until(self.now, None, self.pending_days[programme], POLICIES[programme].timezone)
        if ready:
            self._let_wait("bought", where, points, Waiting(where, points, ready, self._number()))
        else:
            self._give("bought", "issued", where, points, self._end_at(programme, self.now))
        return self.deeds[-1]

    def _refuse_foreign(self, where: Where, paying: list[Deed]) -> None:
        if any(deed.where != where for deed in paying):
            raise RefusedError("points.transaction_not_found", None)
        if any(deed.kind != "redeemed" for deed in paying):
            raise RefusedError("points.redemption_not_usable", None)
        self._refuse_closed(where)


def _earned(programme: int, money: int) -> int:
    return money * POLICIES[programme].earn_points // POLICIES[programme].earn_amount


def _lines(lines: list[tuple[int, int]], points: int) -> list[Line]:
    shares = shared(points, [cost for _, cost in lines])
    return [Line(pieces, cost, share) for (pieces, cost), share in zip(lines, shares, strict=True)]
