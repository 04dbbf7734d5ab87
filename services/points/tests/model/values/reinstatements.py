"""Points that ended and are given back, on values."""

from datetime import timedelta

from points.expiry.errors import ReinstatementTooLarge
from points.ledger.errors import ApprovalNeeded
from points.ledger.rules.merges import passed_on
from points.ledger.rules.values import Kind, Lot, Posted
from points.programmes.rules import needs_approval
from points.programmes.rules.expiry import LotEnd
from shared.zones import local_day, midnight_after
from tests.model.values.driver import Driver, outcome_of, where_of
from tests.model.world import MEMBERS, Outcome, Where


class Reinstatements(Driver):
    def expired(self, where: Where) -> list[int]:
        self.do("expire", limit=1)
        return [left for _, left in self._expiries(where)]

    def reinstate(self, where: Where, pick: int, points: int, days: int | None, expired: list[int]) -> Outcome:
        if not expired:
            return ("nothing",)
        found = self._expiries(where)
        fact, left = found[pick % len(found)]
        if points > left:
            raise ReinstatementTooLarge(requested=points, reinstatable=left)
        if needs_approval(self.programmes[where[1]], points=points):
            raise ApprovalNeeded()
        total = self.reinstated[fact.id] = self.reinstated.get(fact.id, 0) + points
        key = f"reinstatement:{fact.id}:{total}"
        ends = self.end(where) if days is None else self._end_after(where, days)._asdict()
        command = self.posting(Kind.REINSTATED, where, points, source_key=key, **ends)
        back, member = [Lot(command.id, points, ends["expires_at"], 0)], MEMBERS[where[0]]
        passed = passed_on(command, back, into=self.owner(member), at=self.now) if member in self.merged else []
        return outcome_of(self.all([command, *passed])[0], self.ids)

    def _expiries(self, where: Where) -> list[tuple[Posted, int]]:
        facts = [fact for _, fact, _ in self.facts.values() if fact.kind == Kind.EXPIRED and where_of(fact) == where]
        left = [(fact, fact.points - self.reinstated.get(fact.id, 0)) for fact in facts]
        return [(fact, points) for fact, points in left if points]

    def _end_after(self, where: Where, days: int) -> LotEnd:
        timezone = self.programmes[where[1]].timezone
        return LotEnd(midnight_after(local_day(self.now, timezone) + timedelta(days=days), timezone), None)
