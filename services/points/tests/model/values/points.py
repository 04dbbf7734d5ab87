"""Points that come, go, are corrected and are given away, on values."""

from datetime import timedelta
from typing import Any

from points.adjustments.errors import AdjustmentDecided, SamePerson
from points.ledger.errors import TransferToOneself
from points.ledger.rules.earnings import terms
from points.ledger.rules.holds import releases as releases_of
from points.ledger.rules.pending import due_move
from points.ledger.rules.values import HoldState, Kind, Posting
from points.programmes.rules import needs_approval
from shared.errors import DomainError
from tests.model.values.driver import Driver, number_of, outcome_of, refusal_of, waited
from tests.model.world import ACCOUNTS, MEMBERS, Outcome, Wait, Where


class Points(Driver):
    def earn(
        self, where: Where, points: int, hours: int | None = None, key: str | None = None, wait: Wait | None = None
    ) -> Outcome:
        self.refuse_closed(where)
        ends = None if hours is None else self.now + timedelta(hours=hours, minutes=7)
        found = terms(
            self.programmes[where[1]], earned_at=self.now, wait=waited(wait, self.now), expires_at=ends, at=self.now
        )
        return self.one(self.posting(Kind.EARNED, where, points, source_key=key, **found))

    def redeem(self, where: Where, points: int, key: str | None = None) -> Outcome:
        return self.one(self.posting(Kind.REDEEMED, where, points, source_key=key))

    def adjust(self, where: Where, points: int, asked_by: int) -> Outcome:
        if needs_approval(self.programmes[where[1]], points=points):
            asked = {"where": where, "points": points, "by": asked_by, "state": "pending"}
            self.requests.append(asked)
            return ("pending",)
        return self.one(self._adjustment(where, points))

    def approve(self, request: int, by: int) -> Outcome:
        asked = self._undecided(request, by)
        command = self._adjustment(asked["where"], asked["points"], source_key=f"adjustment:{request}")
        _, change, _ = self.one(command)
        asked["state"] = "approved"
        return "done", change

    def reject(self, request: int, by: int) -> Outcome:
        self._undecided(request, by)["state"] = "rejected"
        return ("done",)

    def batch(self, lines: list[tuple[str, Where, int, str]]) -> Outcome:
        facts = self.post([self._line(*line) for line in lines])
        return tuple(
            refusal_of(fact) if isinstance(fact, DomainError) else outcome_of(fact, self.ids) for fact in facts
        )

    def transfer(self, where: Where, to: int, points: int) -> Outcome:
        if where[0] == to:
            raise TransferToOneself()
        self.refuse_closed(where)
        key = f"transfer:{self.new_id()}:sent"
        sent = self.posting(Kind.SENT, where, points, source_key=key)
        received = self.posting(Kind.RECEIVED, (to, where[1]), points, sent_as=key)
        return tuple(outcome_of(fact, self.ids) for fact in self.all([sent, received]))

    def expire(self, limit: int) -> Outcome:
        self.post(
            [posting for hold in self.overdue() for posting in releases_of(hold, to=HoldState.EXPIRED, at=self.now)]
        )
        self.post([due_move(one, end_of_lot=self.end_of_lot) for one in self.due()])
        assert not self.overdue()
        assert not self.due()
        for lot_id, row in [item for item in self.lots.items() if item[1].is_dead(self.now)]:
            where = (MEMBERS.index(row.key[1]), number_of(row.key[0]))
            self.post([self.posting(Kind.EXPIRED, where, 0, lots=(lot_id,))])
        assert not any(row.is_dead(self.now) for row in self.lots.values())
        return "done", [self.bucket(where, "expired") for where in ACCOUNTS]

    def expire_lot(self, deed: int) -> Outcome:
        _, fact, _ = self.facts[self.ids[deed]]
        where = (MEMBERS.index(fact.member_id), number_of(fact.programme_id))
        self.all([self.posting(Kind.EXPIRED, where, 0, lots=(fact.id,))], allow=())
        return ("done",)

    def _line(self, kind: str, where: Where, points: int, key: str) -> Posting:
        if kind == "earn":
            return self.posting(Kind.EARNED, where, abs(points), source_key=key)
        if kind == "redeem":
            return self.posting(Kind.REDEEMED, where, abs(points), source_key=key)
        return self._adjustment(where, points, source_key=key)

    def _adjustment(self, where: Where, points: int, source_key: str | None = None) -> Posting:
        ends = self.end(where) if points > 0 else {}
        return self.posting(Kind.ADJUSTED, where, points, source_key=source_key, **ends)

    def _undecided(self, request: int, by: int) -> dict[str, Any]:
        asked = self.requests[request]
        if asked["state"] != "pending":
            raise AdjustmentDecided(state=asked["state"])
        if asked["by"] == by:
            raise SamePerson()
        return asked
