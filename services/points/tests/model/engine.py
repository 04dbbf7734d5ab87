"""The tables of the ledger as dictionaries, and the engine upon them: what `operations.post` does, without its SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.ledger.rules.due import due_postings
from points.ledger.rules.holds import is_overdue
from points.ledger.rules.lots import spending_order
from points.ledger.rules.postings import decide_all, posted
from points.ledger.rules.values import NO_POINTS, Account, Decided, Hold, HoldState, Key, Lot, Posted, Posting
from shared.errors import DomainError
from tests.model.world import START


def no_pending(_programme_id: UUID, _instant: datetime) -> datetime | None:
    """Of pending points, which nobody asks for here, the end that their lots would have."""
    raise AssertionError("no pending points are asked for")


class LotRow(NamedTuple):
    """A lot's row, kept apart from the accounts so that the proof can compare both."""

    key: Key
    points: int
    remaining: int
    expires_at: datetime | None
    number: int


class Values:
    """What is kept of accounts, lots, holds and causes."""

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
        overdue = due_postings(accounts.values(), postings, end_of_lot=no_pending, at=self.now)
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
