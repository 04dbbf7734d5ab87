"""The tables of the ledger as dictionaries, and the engine upon them: what `operations.post` does, without its SQL."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from points.ledger.rules.due import with_due
from points.ledger.rules.earnings import end_after_activity
from points.ledger.rules.holds import is_overdue
from points.ledger.rules.lots import extended, spending_order
from points.ledger.rules.pending import is_due
from points.ledger.rules.postings import decide_all, posted
from points.ledger.rules.values import (
    NO_POINTS,
    Account,
    Decided,
    Hold,
    HoldState,
    Key,
    Kind,
    Lot,
    Movement,
    Pending,
    Posted,
    Posting,
)
from points.programmes.rules import Programme, end_of_lot
from points.programmes.rules.expiry import ACTIVITIES, LotEnd, Sliding
from shared.errors import DomainError
from tests.model.world import POLICIES, START

PROGRAMMES = [
    Programme(
        UUID(int=51 + number), "", "EUR", policy.timezone, policy.earn_points, policy.earn_amount, policy.lot_days,
        policy.value_points, policy.value_amount, "floor", "active", number == 0, START, policy.adjustment_limit,
        expiry=Sliding(policy.sliding_days, "day", activities=ACTIVITIES) if policy.sliding_days else None,
    )
    for number, policy in enumerate(POLICIES)
]  # fmt: skip
_TABLES = ("accounts", "lots", "holds", "pending", "causes", "facts", "reinstated", "merged")


class LotRow(NamedTuple):
    """A lot's row, kept apart from the accounts so that the proof can compare both."""

    key: Key
    points: int
    remaining: int
    expires_at: datetime | None
    number: int
    expires_on: date | None

    def lot(self, lot_id: UUID, points: int) -> Lot:
        """So many of its points."""
        return Lot(lot_id, points, self.expires_at, self.number, self.expires_on)

    def is_dead(self, now: datetime) -> bool:
        """Whether it has points whose time has passed."""
        return bool(self.remaining and self.expires_at and self.expires_at <= now)


class Values:
    """What is kept of accounts, lots, holds, pending points and causes."""

    def __init__(self) -> None:
        self.now = START
        self.programmes = list(PROGRAMMES)
        self.accounts: dict[Key, Account] = {}
        self.lots: dict[UUID, LotRow] = {}
        self.holds: dict[UUID, Hold] = {}
        self.pending: dict[UUID, Pending] = {}
        self.causes: dict[str, Posted] = {}
        self.facts: dict[UUID, tuple[Posting, Posted, tuple[Lot, ...]]] = {}
        self.reinstated: dict[UUID, int] = {}
        self.merged: dict[UUID, UUID] = {}
        self.made = 0

    def kept(self) -> dict[str, Any]:
        """The tables as they are, to be put back if need be."""
        return {name: dict(getattr(self, name)) for name in _TABLES}

    def undo(self, kept: dict[str, Any]) -> None:
        for name in _TABLES:
            setattr(self, name, kept[name])

    def new_id(self) -> UUID:
        """Number what is made, so that a run comes out the same each time."""
        self.made += 1
        return UUID(int=1000 + self.made)

    def end_of_lot(self, programme_id: UUID, opened_at: datetime) -> LotEnd:
        found = next(one for one in self.programmes if one.id == programme_id)
        return end_of_lot(found, earned_at=opened_at)

    def overdue(self, key: Key | None = None) -> list[Hold]:
        """The holds whose time has passed, of one account or of all; oldest expiry first."""
        over = [one for one in self.holds.values() if is_overdue(one, at=self.now) and key in (None, key_of(one))]
        found = [self.hold_now(one.id) for one in over]
        return sorted(found, key=lambda one: (one.expires_at, one.id))

    def due(self, key: Key | None = None) -> list[Pending]:
        """The pending points whose time has come, of one account or of all; earliest due first."""
        found = [one for one in self.pending.values() if is_due(one, at=self.now) and key in (None, key_of(one))]
        return sorted(found, key=lambda one: (one.due_at, one.id))

    def post(self, postings: Sequence[Posting]) -> list[Posted | DomainError]:
        accounts = {key: self._with_all(key, postings) for key in {(p.programme_id, p.member_id) for p in postings}}
        commands = with_due(accounts.values(), postings, end_of_lot=self.end_of_lot, at=self.now)
        commands = [self._with_activity(command) for command in commands]
        outcomes = decide_all(accounts, commands, self.causes, at=self.now)
        facts = [self._write(one) if isinstance(one, Decided) else one for one in outcomes]
        self._extend([one for one in outcomes if isinstance(one, Decided)])
        asked = {posting.id for posting in postings}
        return [fact for command, fact in zip(commands, facts, strict=True) if command.id in asked]

    def hold_now(self, hold_id: UUID) -> Hold:
        """A hold with the present ends of its lots, in the order of spending, which stays when it is closed."""
        found = self.holds[hold_id]
        lots = self.lots_now(found.lots)
        is_open = found.state == HoldState.HELD
        return structs.replace(found, lots=tuple(sorted(lots, key=spending_order)) if is_open else lots)

    def lots_now(self, taken: Sequence[Lot]) -> tuple[Lot, ...]:
        """Lots, each with how much was taken, in the order of taking and with their present ends."""
        return tuple(self.lots[lot.id].lot(lot.id, lot.remaining) for lot in taken)

    def _with_activity(self, command: Posting) -> Posting:
        if command.kind not in ACTIVITIES or command.merge:
            return command
        found = next(one for one in self.programmes if one.id == command.programme_id)
        return structs.replace(
            command, slides_to=end_after_activity(found, command.kind, at=command.occurred_at or self.now)
        )

    def _extend(self, decided: Sequence[Decided]) -> None:
        """As `ledger/extensions.py` does: lots that were there for an activity, or aside in a hold, get its end."""
        emptied = {take.lot_id: one.after.version for one in decided for take in one.movement.takes}
        for one in decided:
            key, end = (one.posting.programme_id, one.posting.member_id), one.posting.slides_to
            if end is None:
                continue
            aside = {lot.id for hold in self.holds.values() if _holds(hold, key) for lot in hold.lots}
            theirs = {lot_id: row for lot_id, row in self.lots.items() if row.key == key}
            for lot_id, row in theirs.items():
                is_there = row.remaining or lot_id in aside or emptied.get(lot_id, 0) > one.after.version
                if is_there and row.number <= one.after.version:
                    (lot,) = extended([row.lot(lot_id, 0)], end, at=self.now)
                    self.lots[lot_id] = row._replace(expires_at=lot.expires_at, expires_on=lot.expires_on)
            # Read anew with the next posting, as what came back to a lot in the same list has its later end only now.
            there = [self.lots[lot_id].lot(lot_id, row.remaining) for lot_id, row in theirs.items() if row.remaining]
            self.accounts[key] = structs.replace(self.accounts[key], lots=tuple(sorted(there, key=spending_order)))

    def _with_all(self, key: Key, postings: Sequence[Posting]) -> Account:
        """The account with the holds and pending points that are named, and those whose time has come."""
        account = self.accounts.get(key) or Account(0, *key, NO_POINTS, 0)
        holds = {posting.hold.hold_id for posting in postings if posting.hold}
        named = {posting.pending.pending_id for posting in postings if posting.pending}
        named |= {lot_id for posting in postings for lot_id in posting.lots}
        found = {one.id: one for one in self.overdue(key)} if account.buckets["held"] else {}
        found |= {one: self.hold_now(one) for one in holds if key_of(self.holds[one]) == key}
        come = {one.id: one for one in self.due(key)} if account.buckets["pending"] else {}
        back = {
            lot_id: key_of(posting) for posting in postings if posting.kind == Kind.RETURNED for lot_id in posting.lots
        }
        here = [one for one in named if one in self.pending and back.get(one, key_of(self.pending[one])) == key]
        come |= {one: self.pending[one] for one in here}
        return structs.replace(
            account,
            holds=tuple(sorted(found.values(), key=lambda one: (one.expires_at, one.id))),
            pending=tuple(sorted(come.values(), key=lambda one: (one.due_at, one.id))),
        )

    def _write(self, one: Decided) -> Posted:
        posting, movement, before, after = one
        key = posting.programme_id, posting.member_id
        assert movement.changes, "the database refuses a transaction that moves nothing"
        assert self.accounts.get(key, before).version == before.version
        self.accounts[key] = structs.replace(after, holds=(), pending=())
        self._write_lots(one, key)
        self._write_aside(movement, self._taken(one))
        fact = posted(one, at=self.now)
        self.facts[fact.id] = posting, fact, self._taken(one)
        if posting.source_key:
            assert posting.source_key not in self.causes
            self.causes[posting.source_key] = structs.replace(fact, is_repeated=True, entries=(), lots=())
        return fact

    def _write_lots(self, one: Decided, key: Key) -> None:
        for lot in one.movement.opens:
            assert lot.id not in self.lots
            self.lots[lot.id] = LotRow(key, lot.remaining, lot.remaining, lot.expires_at, lot.number, lot.expires_on)
        moved = [(take.lot_id, -take.points) for take in one.movement.takes]
        moved += [(lot.id, lot.remaining) for lot in one.movement.gives]
        assert len({lot_id for lot_id, _ in moved}) == len(moved), "a transaction has one allocation for each lot"
        for lot_id, points in moved:
            row = self.lots[lot_id]
            assert row.key == key
            self.lots[lot_id] = row._replace(remaining=row.remaining + points)

    def _write_aside(self, movement: Movement, taken: tuple[Lot, ...]) -> None:
        """A hold and pending points as they are now."""
        if movement.hold:
            made = movement.hold.id not in self.holds
            lots = taken if made else self.hold_now(movement.hold.id).lots
            self.holds[movement.hold.id] = structs.replace(movement.hold, lots=lots)
        for one in movement.pending:
            self.pending[one.id] = one

    def _taken(self, one: Decided) -> tuple[Lot, ...]:
        found = [(take, self.lots[take.lot_id]) for take in one.movement.takes]
        return tuple(row.lot(take.lot_id, take.points) for take, row in found)


def _holds(hold: Hold, key: Key) -> bool:
    return hold.state == HoldState.HELD and key_of(hold) == key


def key_of(one: Hold | Pending) -> Key:
    return one.programme_id, one.member_id
