"""What every operation on values needs: refusals that undo, balances as they are seen, and postings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from points.ledger.errors import NothingToExpire
from points.ledger.rules.due import came_free
from points.ledger.rules.holds import is_overdue
from points.ledger.rules.lots import is_alive
from points.ledger.rules.purchases import Purchase
from points.ledger.rules.values import NO_POINTS, Account, Hold, Key, Kind, Posted, Posting
from points.programmes.errors import ProgrammeClosed
from points.programmes.rules import Programme, end_of_lot
from shared.errors import DomainError
from tests.model.engine import Values, no_pending
from tests.model.world import MEMBERS, POLICIES, START, Outcome, Where

PROGRAMMES = [
    Programme(
        UUID(int=51 + number), "", "EUR", policy.timezone, policy.earn_points, policy.earn_amount, policy.lot_days,
        1, 1, "floor", "active", number == 0, START, policy.adjustment_limit,
    )
    for number, policy in enumerate(POLICIES)
]  # fmt: skip


def refusal_of(refusal: DomainError) -> Outcome:
    return "refused", refusal.code, refusal.members.get("available", refusal.members.get("state"))


def outcome_of(fact: Posted, ids: list[UUID]) -> Outcome:
    if fact.is_repeated:
        return "repeated", ids.index(fact.id)
    ids.append(fact.id)
    return "done", fact.change, tuple((take.expires_at, take.points) for take in fact.lots)


class Desk(Values):
    """Where operations are asked for."""

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
        account = self.accounts.get(key_of(where)) or Account(0, *key_of(where), NO_POINTS, 0)
        overdue = [
            hold for hold in self.holds.values() if owner_of(hold) == key_of(where) and is_overdue(hold, at=self.now)
        ]
        overdue.sort(key=lambda hold: (hold.expires_at, hold.id))
        buckets = account.buckets
        paid, back = came_free(overdue, (), owed=-buckets["deficit"], end_of_lot=no_pending)
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

    def posting(self, kind: Kind, where: Where, points: int, **more: Any) -> Posting:
        programme_id, member_id = key_of(where)
        return Posting(
            kind=kind, programme_id=programme_id, member_id=member_id, points=points, id=self.new_id(), **more
        )

    def end(self, where: Where) -> datetime | None:
        return end_of_lot(PROGRAMMES[where[1]], earned_at=self.now).expires_at

    def one(self, wish: Posting) -> Outcome:
        (fact,) = self.all([wish])
        return outcome_of(fact, self.ids)

    def all(self, wishes: Sequence[Posting], allow: tuple[type[DomainError], ...] = (NothingToExpire,)) -> list[Posted]:
        facts = []
        for fact in self.post(wishes):
            if isinstance(fact, Posted):
                facts.append(fact)
            elif not isinstance(fact, allow):
                raise fact
        return facts

    def refuse_closed(self, where: Where) -> None:
        if self.programmes[where[1]].status != "active":
            raise ProgrammeClosed()


def key_of(where: Where) -> Key:
    return PROGRAMMES[where[1]].id, MEMBERS[where[0]]


def owner_of(hold: Hold) -> Key:
    return hold.programme_id, hold.member_id


def where_of(hold: Hold) -> Where:
    return MEMBERS.index(hold.member_id), number_of(hold.programme_id)


def number_of(programme_id: UUID) -> int:
    return next(number for number, one in enumerate(PROGRAMMES) if one.id == programme_id)
