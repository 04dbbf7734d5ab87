"""The operations upon the rules of the ledger, with values in memory in the place of the database.

What is done by SQL elsewhere (locks, reading, writing) is done here by dictionaries (engine.py), so that a step takes a
fraction of a millisecond and what is tested are the rules.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from points.ledger.errors import (
    AdjustmentDecided,
    AlreadyReversed,
    CaptureTooLarge,
    NotReversible,
    SamePerson,
    TransferToOneself,
)
from points.ledger.rules.holds import captured_lots, expiries, is_overdue, open_or_refuse
from points.ledger.rules.holds import releases as releases_of
from points.ledger.rules.purchases import LineReturn, Purchase, PurchaseLine, Refund, claw_back, with_points
from points.ledger.rules.values import (
    HoldMove,
    HoldState,
    Kind,
    Posting,
    Reversed,
)
from points.programmes.rules import needs_approval, points_for
from shared.errors import DomainError
from tests.model.desk import Desk, number_of, outcome_of, refusal_of, where_of
from tests.model.world import MEMBERS, Outcome, Where


class ValuesLedger(Desk):
    """The operations, each as its module of `ledger/operations` says it."""

    def time_passes(self, to: datetime) -> Outcome:
        self.now = to
        return ("done",)

    def switch_default(self) -> Outcome:
        self.default = 1 - self.default
        return ("done",)

    def open_or_close(self, programme: int) -> Outcome:
        found = self.programmes[programme]
        status = "closed" if found.status == "active" else "active"
        self.programmes[programme] = replace(found, status=status)
        return ("done",)

    def earn(self, where: Where, points: int, hours: int | None, key: str | None = None) -> Outcome:
        self.refuse_closed(where)
        ends = self.now + timedelta(hours=hours, minutes=7) if hours is not None else self.end(where)
        return self.one(self.posting(Kind.EARNED, where, points, expires_at=ends, source_key=key))

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
        wish = self._adjustment(asked["where"], asked["points"], source_key=f"adjustment:{request}")
        _, change, _ = self.one(wish)
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

    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        wish = self.posting(Kind.HELD, where, points, expires_at=self.now + timedelta(hours=hours))
        (fact,) = self.all([wish])
        self.hold_ids.append(fact.id)
        made = self.holds[fact.id]
        return "done", tuple((lot.expires_at, lot.remaining) for lot in made.lots)

    def capture(self, hold: int, points: int) -> Outcome:
        found = self.holds[self.hold_ids[hold]]
        if points > found.points:
            raise CaptureTooLarge(requested=points, held=found.points)
        move = HoldMove(found.id, HoldState.CAPTURED)
        wish = self.posting(Kind.REDEEMED, where_of(found), points, hold=move)
        rest = releases_of(found, to=HoldState.CAPTURED, captured=points, at=self.now)
        self.all([wish, *rest])
        self.ids.append(wish.id)
        found = self.holds[found.id]
        return str(found.state), found.captured

    def void(self, hold: int) -> Outcome:
        found = self.holds[self.hold_ids[hold]]
        self.all(releases_of(found, to=HoldState.VOIDED, at=self.now))
        found = self.holds[found.id]
        return str(found.state), found.captured

    def extend(self, hold: int, hours: int) -> Outcome:
        found = open_or_refuse(self.holds[self.hold_ids[hold]], at=self.now)
        ends = max(found.expires_at, self.now + timedelta(hours=hours))
        self.holds[found.id] = structs.replace(found, expires_at=ends)
        return "done", ends

    def reverse(self, deed: int) -> Outcome:
        posting, fact, taken = self.facts[self.ids[deed]]
        is_purchase = bool(posting.source_key and posting.source_key.startswith("payment:"))
        if fact.kind not in (Kind.EARNED, Kind.REDEEMED, Kind.ADJUSTED) or is_purchase:
            raise NotReversible(kind=fact.kind)
        spent = captured_lots(self.holds[posting.hold.hold_id]) if posting.hold else taken
        reversal = self.posting(
            Kind.REVERSED,
            (MEMBERS.index(fact.member_id), number_of(fact.programme_id)),
            fact.points,
            source_key=f"reversal:{fact.id}",
            lots=(fact.id,),
            reverses=Reversed(fact.id, Kind(fact.kind), spent),
        )
        outcome = self.post([reversal, *expiries(reversal, spent, at=self.now)])[0]
        if isinstance(outcome, DomainError):
            raise outcome
        if outcome.is_repeated:
            raise AlreadyReversed(reversal=outcome.id)
        return outcome_of(outcome, self.ids)

    def buy(self, who: int, lines: list[int]) -> Outcome:
        programme, amount, payment = self.programmes[self.default], sum(lines), self.new_id()
        points = points_for(programme, amount=amount) if programme.status == "active" else 0
        where, wish = (who, self.default), None
        if points:
            wish = self.posting(
                Kind.EARNED, where, points, source_key=f"payment:{payment}:earn", expires_at=self.end(where)
            )
            self.one(wish)
        rows = [PurchaseLine(line_id=str(number), quantity=1, amount=line) for number, line in enumerate(lines)]
        noted = Purchase(
            payment_id=payment,
            programme_id=programme.id,
            member_id=MEMBERS[who],
            transaction_id=wish.id if wish else None,
            amount=amount,
            points=points,
            lines=with_points(rows, points),
        )
        self.purchases.append((noted, wish))
        return "done", points

    def buy_again(self, purchase: int) -> Outcome:
        found, wish = self.purchases[purchase]
        if wish:
            (fact,) = self.all([structs.replace(wish, id=self.new_id())])
            assert fact.is_repeated
        return "done", found.points

    def refund(self, purchase: int, amounts: list[int], is_by_line: bool) -> Outcome:
        found, wish = self.purchases[purchase]
        lines = tuple(LineReturn(str(number), 1, amount) for number, amount in enumerate(amounts))
        refund = Refund(
            refund_id=self.new_id(),
            payment_id=found.payment_id,
            amount=sum(amounts),
            refunded_at=self.now,
            lines=lines if is_by_line else (),
        )
        points, after = claw_back(found, refund)
        assert 0 <= after.points_returned <= after.points
        assert all(0 <= line.points_returned <= line.points for line in after.lines)
        if points:
            assert wish
            back = structs.replace(
                wish, id=self.new_id(), kind=Kind.RETURNED, points=points, lots=(wish.id,), source_key=None
            )
            self.all([back])
        self.purchases[purchase] = (after, wish)
        return "done", points

    def expire(self, limit: int) -> Outcome:
        for hold in [hold for hold in self.holds.values() if is_overdue(hold, at=self.now)]:
            self.post(releases_of(self.holds[hold.id], to=HoldState.EXPIRED, at=self.now))
        dead = [
            (lot_id, row)
            for lot_id, row in self.lots.items()
            if row.remaining and row.expires_at and row.expires_at <= self.now
        ]
        for lot_id, row in dead:
            where = (MEMBERS.index(row.key[1]), number_of(row.key[0]))
            self.post([self.posting(Kind.EXPIRED, where, 0, lots=(lot_id,))])
        assert not any(row.remaining and row.expires_at and row.expires_at <= self.now for row in self.lots.values())
        return ("done",)

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
        ends = self.end(where) if points > 0 else None
        return self.posting(Kind.ADJUSTED, where, points, expires_at=ends, source_key=source_key)

    def _undecided(self, request: int, by: int) -> dict[str, Any]:
        asked = self.requests[request]
        if asked["state"] != "pending":
            raise AdjustmentDecided(state=asked["state"])
        if asked["by"] == by:
            raise SamePerson()
        return asked
