"""The rules of the ledger on values in memory, in the place of the database: an engine, and the operations upon it.

What the database tier does by SQL (locks, reading, writing) is done here by dictionaries, so that a step takes a
fraction of a millisecond and what is tested are the rules.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from points.ledger.errors import (
    AdjustmentDecided,
    AlreadyReversed,
    CaptureTooLarge,
    NothingToExpire,
    NotReversible,
    SamePerson,
    TransferToOneself,
)
from points.ledger.rules.holds import captured_lots, expiries, freed, is_overdue, open_or_refuse, overdue_releases
from points.ledger.rules.holds import releases as releases_of
from points.ledger.rules.lots import is_alive, spending_order
from points.ledger.rules.postings import decide_all, posted
from points.ledger.rules.purchases import LineReturn, Purchase, PurchaseLine, Refund, claw_back, with_points
from points.ledger.rules.values import (
    NO_POINTS,
    Account,
    Decided,
    Hold,
    HoldMove,
    HoldState,
    Key,
    Kind,
    Lot,
    Posted,
    Posting,
    Reversed,
)
from points.programmes.errors import ProgrammeClosed
from points.programmes.rules import Programme, end_of_lot, needs_approval, points_for
from shared.errors import DomainError
from tests.model.world import MEMBERS, POLICIES, START, Outcome, Where

PROGRAMMES = [
    Programme(
        UUID(int=51 + number), "", "EUR", policy.timezone, policy.earn_points, policy.earn_amount, policy.lot_days,
        1, 1, "floor", "active", number == 0, START, policy.adjustment_limit,
    )
    for number, policy in enumerate(POLICIES)
]  # fmt: skip


class LotRow(NamedTuple):
    """A lot's row, kept apart from the accounts so that the proof can compare both."""

    key: Key
    points: int
    remaining: int
    expires_at: datetime | None
    number: int


def refusal_of(refusal: DomainError) -> Outcome:
    return "refused", refusal.code, refusal.members.get("available", refusal.members.get("state"))


def outcome_of(fact: Posted, ids: list[UUID]) -> Outcome:
    if fact.is_repeated:
        return "repeated", ids.index(fact.id)
    ids.append(fact.id)
    return "done", fact.change, tuple((take.expires_at, take.points) for take in fact.lots)


class Values:
    """The tables as dictionaries, and the engine: what `operations.post` does, without its SQL."""

    def __init__(self) -> None:
        self.now = START
        self.accounts: dict[Key, Account] = {}
        self.lots: dict[UUID, LotRow] = {}
        self.holds: dict[UUID, Hold] = {}
        self.causes: dict[str, Posted] = {}
        self.facts: dict[UUID, tuple[Posting, Posted, tuple[Lot, ...]]] = {}
        self.made = 0

    def new_id(self) -> UUID:
        """Number what is made, so that a run comes out the same each time."""
        self.made += 1
        return UUID(int=1000 + self.made)

    def post(self, postings: Sequence[Posting]) -> list[Posted | DomainError]:
        accounts = {key: self._with_holds(key, postings) for key in {(p.programme_id, p.member_id) for p in postings}}
        overdue = overdue_releases(accounts.values(), postings, at=self.now)
        outcomes = decide_all(accounts, [*overdue, *postings], self.causes, at=self.now)
        facts = [self._write(one) if isinstance(one, Decided) else one for one in outcomes]
        return facts[len(overdue) :]

    def _with_holds(self, key: Key, postings: Sequence[Posting]) -> Account:
        named = {posting.hold.hold_id for posting in postings if posting.hold}
        found = [
            hold
            for hold in self.holds.values()
            if (hold.programme_id, hold.member_id) == key and (hold.id in named or is_overdue(hold, at=self.now))
        ]
        account = self.accounts.get(key) or Account(0, *key, NO_POINTS, 0)
        return structs.replace(account, holds=tuple(sorted(found, key=lambda hold: (hold.expires_at, hold.id))))

    def _write(self, one: Decided) -> Posted:
        posting, movement, before, after = one
        key = posting.programme_id, posting.member_id
        assert movement.changes, "the database refuses a transaction that moves nothing"
        assert self.accounts.get(key, before).version == before.version
        self.accounts[key] = structs.replace(after, holds=())
        self._write_lots(one, key)
        if movement.hold:
            made = movement.hold.id not in self.holds
            lots = self._taken(one) if made else self.holds[movement.hold.id].lots
            self.holds[movement.hold.id] = structs.replace(movement.hold, lots=lots)
        fact = posted(one, at=self.now)
        self.facts[fact.id] = posting, fact, self._taken(one)
        if posting.source_key:
            assert posting.source_key not in self.causes
            self.causes[posting.source_key] = structs.replace(fact, is_repeated=True, entries=(), lots=())
        return fact

    def _write_lots(self, one: Decided, key: Key) -> None:
        for lot in one.movement.opens:
            assert lot.id not in self.lots
            self.lots[lot.id] = LotRow(key, lot.remaining, lot.remaining, lot.expires_at, lot.number)
        moved = [(take.lot_id, -take.points) for take in one.movement.takes]
        moved += [(lot.id, lot.remaining) for lot in one.movement.gives]
        assert len({lot_id for lot_id, _ in moved}) == len(moved), "a transaction has one allocation for each lot"
        for lot_id, points in moved:
            row = self.lots[lot_id]
            assert row.key == key
            self.lots[lot_id] = row._replace(remaining=row.remaining + points)

    def _taken(self, one: Decided) -> tuple[Lot, ...]:
        found = [(take, self.lots[take.lot_id]) for take in one.movement.takes]
        return tuple(Lot(take.lot_id, take.points, row.expires_at, row.number) for take, row in found)

    def prove(self) -> None:
        """The laws of ledger/proofs.py, as far as they are about what the rules decide."""
        for key, account in self.accounts.items():
            buckets, rows = account.buckets, [item for item in self.lots.items() if item[1].key == key]
            assert sum(buckets.values()) == 0
            assert min(buckets["available"], buckets["held"], buckets["redeemed"], buckets["expired"]) >= 0
            assert max(buckets["deficit"], buckets["issued"], -buckets["returned"], -buckets["pending"]) <= 0
            assert all(0 <= row.remaining <= row.points for _, row in rows)
            table = [Lot(lot_id, row.remaining, row.expires_at, row.number) for lot_id, row in rows if row.remaining]
            assert tuple(sorted(table, key=spending_order)) == account.lots
            assert buckets["available"] == sum(lot.remaining for lot in account.lots)
            held = [hold for hold in self.holds.values() if (hold.programme_id, hold.member_id) == key]
            assert buckets["held"] == sum(hold.points for hold in held if hold.state == HoldState.HELD)


class ValuesLedger(Values):
    """The operations, each as its module of `ledger/operations` says it."""

    def __init__(self) -> None:
        super().__init__()
        self.programmes = list(PROGRAMMES)
        self.default = 0
        self.ids: list[UUID] = []
        self.hold_ids: list[UUID] = []
        self.reversed: set[UUID] = set()
        self.requests: list[dict[str, Any]] = []
        self.purchases: list[tuple[Purchase, Posting | None]] = []

    def do(self, operation: str, **wish: Any) -> Outcome:
        """Carry out one operation; a refusal undoes all it did, as the end of its transaction would."""
        kept = (self.accounts, self.lots, self.holds, self.causes, self.facts)
        self.accounts, self.lots, self.holds = dict(self.accounts), dict(self.lots), dict(self.holds)
        self.causes, self.facts = dict(self.causes), dict(self.facts)
        try:
            return getattr(self, operation)(**wish)  # type: ignore[no-any-return]
        except DomainError as refusal:
            self.accounts, self.lots, self.holds, self.causes, self.facts = kept
            return refusal_of(refusal)

    def state(self, where: Where) -> dict[str, Any]:
        account = self.accounts.get(_key(where)) or Account(0, *_key(where), NO_POINTS, 0)
        overdue = [hold for hold in self.holds.values() if _of(hold) == _key(where) and is_overdue(hold, at=self.now)]
        overdue.sort(key=lambda hold: (hold.expires_at, hold.id))
        buckets = account.buckets
        paid, back = freed(overdue, owed=-buckets["deficit"])
        alive = [(lot.expires_at, lot.remaining) for lot in account.lots if is_alive(lot, at=self.now)]
        available = sum(points for _, points in alive) + sum(x.remaining for x in back if is_alive(x, at=self.now))
        held = buckets["held"] - sum(hold.points for hold in overdue)
        return {
            "available": available,
            "held": held,
            "owed": -buckets["deficit"] - paid,
            "issued": -buckets["issued"],
            "redeemed": buckets["redeemed"],
            "adjusted": -buckets["adjusted"],
            "returned": buckets["returned"],
            "lots": None if overdue else alive,
        }

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
        self._refuse_closed(where)
        ends = self.now + timedelta(hours=hours) if hours is not None else self._end(where)
        return self._one(self._posting(Kind.EARNED, where, points, expires_at=ends, source_key=key))

    def redeem(self, where: Where, points: int, key: str | None = None) -> Outcome:
        return self._one(self._posting(Kind.REDEEMED, where, points, source_key=key))

    def adjust(self, where: Where, points: int, asked_by: int) -> Outcome:
        if needs_approval(self.programmes[where[1]], points=points):
            asked = {"where": where, "points": points, "by": asked_by, "state": "pending"}
            self.requests.append(asked)
            return ("pending",)
        return self._one(self._adjustment(where, points))

    def approve(self, request: int, by: int) -> Outcome:
        asked = self._undecided(request, by)
        wish = self._adjustment(asked["where"], asked["points"], source_key=f"adjustment:{request}")
        _, change, _ = self._one(wish)
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
        self._refuse_closed(where)
        key = f"transfer:{self.new_id()}:sent"
        sent = self._posting(Kind.SENT, where, points, source_key=key)
        received = self._posting(Kind.RECEIVED, (to, where[1]), points, sent_as=key)
        return tuple(outcome_of(fact, self.ids) for fact in self._all([sent, received]))

    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        wish = self._posting(Kind.HELD, where, points, expires_at=self.now + timedelta(hours=hours))
        (fact,) = self._all([wish])
        self.hold_ids.append(fact.id)
        made = self.holds[fact.id]
        return "done", tuple((lot.expires_at, lot.remaining) for lot in made.lots)

    def capture(self, hold: int, points: int) -> Outcome:
        found = self.holds[self.hold_ids[hold]]
        if points > found.points:
            raise CaptureTooLarge(requested=points, held=found.points)
        move = HoldMove(found.id, HoldState.CAPTURED)
        wish = self._posting(Kind.REDEEMED, _where(found), points, hold=move)
        rest = releases_of(found, to=HoldState.CAPTURED, captured=points, at=self.now)
        self._all([wish, *rest])
        self.ids.append(wish.id)
        found = self.holds[found.id]
        return str(found.state), found.captured

    def void(self, hold: int) -> Outcome:
        found = self.holds[self.hold_ids[hold]]
        self._all(releases_of(found, to=HoldState.VOIDED, at=self.now))
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
        reversal = self._posting(
            Kind.REVERSED,
            (MEMBERS.index(fact.member_id), _programme_number(fact.programme_id)),
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
            wish = self._posting(
                Kind.EARNED, where, points, source_key=f"payment:{payment}:earn", expires_at=self._end(where)
            )
            self._one(wish)
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
            (fact,) = self._all([structs.replace(wish, id=self.new_id())])
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
            self._all([back])
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
            where = (MEMBERS.index(row.key[1]), _programme_number(row.key[0]))
            self.post([self._posting(Kind.EXPIRED, where, 0, lots=(lot_id,))])
        assert not any(row.remaining and row.expires_at and row.expires_at <= self.now for row in self.lots.values())
        return ("done",)

    def expire_lot(self, deed: int) -> Outcome:
        _, fact, _ = self.facts[self.ids[deed]]
        where = (MEMBERS.index(fact.member_id), _programme_number(fact.programme_id))
        self._all([self._posting(Kind.EXPIRED, where, 0, lots=(fact.id,))], allow=())
        return ("done",)

    def _line(self, kind: str, where: Where, points: int, key: str) -> Posting:
        if kind == "earn":
            return self._posting(Kind.EARNED, where, abs(points), source_key=key)
        if kind == "redeem":
            return self._posting(Kind.REDEEMED, where, abs(points), source_key=key)
        return self._adjustment(where, points, source_key=key)

    def _adjustment(self, where: Where, points: int, source_key: str | None = None) -> Posting:
        ends = self._end(where) if points > 0 else None
        return self._posting(Kind.ADJUSTED, where, points, expires_at=ends, source_key=source_key)

    def _posting(self, kind: Kind, where: Where, points: int, **more: Any) -> Posting:
        programme_id, member_id = _key(where)
        return Posting(
            kind=kind, programme_id=programme_id, member_id=member_id, points=points, id=self.new_id(), **more
        )

    def _end(self, where: Where) -> datetime | None:
        return end_of_lot(PROGRAMMES[where[1]], earned_at=self.now)

    def _one(self, wish: Posting) -> Outcome:
        (fact,) = self._all([wish])
        return outcome_of(fact, self.ids)

    def _all(
        self, wishes: Sequence[Posting], allow: tuple[type[DomainError], ...] = (NothingToExpire,)
    ) -> list[Posted]:
        facts = []
        for fact in self.post(wishes):
            if isinstance(fact, Posted):
                facts.append(fact)
            elif not isinstance(fact, allow):
                raise fact
        return facts

    def _undecided(self, request: int, by: int) -> dict[str, Any]:
        asked = self.requests[request]
        if asked["state"] != "pending":
            raise AdjustmentDecided(state=asked["state"])
        if asked["by"] == by:
            raise SamePerson()
        return asked

    def _refuse_closed(self, where: Where) -> None:
        if self.programmes[where[1]].status != "active":
            raise ProgrammeClosed()


def _key(where: Where) -> Key:
    return PROGRAMMES[where[1]].id, MEMBERS[where[0]]


def _of(hold: Hold) -> Key:
    return hold.programme_id, hold.member_id


def _where(hold: Hold) -> Where:
    return MEMBERS.index(hold.member_id), _programme_number(hold.programme_id)


def _programme_number(programme_id: UUID) -> int:
    return next(number for number, one in enumerate(PROGRAMMES) if one.id == programme_id)
