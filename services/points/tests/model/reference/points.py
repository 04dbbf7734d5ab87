"""Points that come, go, are corrected and are given away."""

from tests.model.reference.driver import Driver, said
from tests.model.reference.lots import End, Waiting
from tests.model.reference.records import Deed, Request
from tests.model.reference.refusals import RefusedError
from tests.model.reference.waits import until
from tests.model.world import ANYTHING, POLICIES, Outcome, Wait, Where


class Points(Driver):
    def earn(
        self, where: Where, points: int, hours: int | None = None, key: str | None = None, wait: Wait | None = None
    ) -> Outcome:
        self._refuse_closed(where)
        named, programme = self._named_end(hours), where[1]
        ready = until(self.now, wait, self.pending_days[programme], POLICIES[programme].timezone)
        if ready is None:
            return self._give("earned", "issued", where, points, named or self._end_at(programme, self.now), key)
        if named and named.at and named.at <= ready:
            raise RefusedError("points.ends_before_activation", None)
        waiting = Waiting(where, points, ready, self._number(), wait.event if wait else "", named)
        return self._let_wait("earned", where, points, waiting, key)

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
            return self._give("earned", "issued", where, abs(points), End(), key)
        if kind == "redeem":
            return self._spend("redeemed", "redeemed", where, abs(points), 1, key)
        return self._adjust(where, points, key)

    def transfer(self, where: Where, to: int, points: int) -> Outcome:
        if where[0] == to:
            raise RefusedError("points.transfer_to_oneself", None)
        self._refuse_closed(where)
        self._refuse_merged(where)
        if self.accounts[where].available(self.now) >= points:
            self._refuse_merged((to, where[1]))
        sent = self._spend("sent", "adjusted", where, points, -1)
        receiver = to, where[1]
        paid, opened = self._arrive(receiver, self.deeds[-1].taken)
        self.accounts[receiver].sums["adjusted"] += points
        self.deeds.append(Deed("received", receiver, points, opened=opened[-1][0] if opened else None))
        outcome = sent, ("done", points - paid, said(opened, 1))
        self._slide(where)
        self._slide(receiver)
        return outcome

    def expire(self, limit: int) -> Outcome:
        """The jobs change nothing that can be seen, but tidy up; say how much is gone of each account."""
        for account in self.accounts.values():
            account.bury(account.lots, self.now)
        return "done", [account.gone for account in self.accounts.values()]

    def expire_lot(self, deed: int) -> Outcome:
        """Ask for the end of one lot, which never comes while it lives."""
        lot = self.deeds[deed].lot
        if lot is None or lot.is_alive(self.now):
            raise RefusedError("points.nothing_to_expire", None)
        return ANYTHING

    def _adjust(self, where: Where, points: int, key: str | None = None) -> Outcome:
        if points > 0:
            return self._give("adjusted", "adjusted", where, points, self._end_at(where[1], self.now), key)
        return self._spend("adjusted", "adjusted", where, -points, -1, key)

    def _undecided(self, request: int, by: int) -> Request:
        asked = self.requests[request]
        if asked.state != "pending":
            raise RefusedError("points.adjustment_decided", asked.state)
        if asked.asked_by == by:
            raise RefusedError("points.same_person", None)
        return asked
