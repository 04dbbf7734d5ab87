"""What every operation on values needs: refusals that undo, the clock, programmes, and postings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from points.ledger.errors import NothingToExpire
from points.ledger.rules.earnings import Wait as WaitOfRules
from points.ledger.rules.holds import captured_lots
from points.ledger.rules.values import Hold, Key, Kind, Lot, Posted, Posting
from points.programmes.errors import ProgrammeClosed
from points.purchases.rules.purchases import Purchase
from shared.errors import DomainError
from tests.model.values.engine import PROGRAMMES, Values
from tests.model.world import MEMBERS, Outcome, Wait, Where, by_end


def refusal_of(refusal: DomainError) -> Outcome:
    return "refused", refusal.code, refusal.members.get("available", refusal.members.get("state"))


def outcome_of(fact: Posted, ids: list[UUID]) -> Outcome:
    if fact.is_repeated:
        return "repeated", ids.index(fact.id)
    ids.append(fact.id)
    return "done", *moved_by(fact)


def moved_by(fact: Posted) -> tuple[Any, ...]:
    """What a transaction changed of the available points, and of which lots."""
    return fact.change, by_end((take.expires_at, take.points) for take in fact.lots)


def waited(wait: Wait | None, now: datetime) -> WaitOfRules | None:
    """What an earning waits for, in the rules' words."""
    if wait is None:
        return None
    until = now + timedelta(hours=wait.hours)
    return WaitOfRules(on_event=wait.event, deadline=until) if wait.event else WaitOfRules(at=until)


class Driver(Values):
    """Where operations are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.default = 0
        self.ids: list[UUID] = []
        self.hold_ids: list[UUID] = []
        self.requests: list[dict[str, Any]] = []
        self.purchases: list[Purchase] = []

    def do(self, operation: str, **command: Any) -> Outcome:
        """Carry out one operation; a refusal undoes all it did, as the end of its transaction would."""
        kept, ids, purchases = self.kept(), len(self.ids), len(self.purchases)
        try:
            return getattr(self, operation)(**command)  # type: ignore[no-any-return]
        except DomainError as refusal:
            self.undo(kept)
            del self.ids[ids:], self.purchases[purchases:]
            return refusal_of(refusal)

    def time_passes(self, to: datetime) -> Outcome:
        self.now = to
        return ("done",)

    def switch_default(self) -> Outcome:
        self.default = 1 - self.default
        return ("done",)

    def open_or_close(self, programme: int) -> Outcome:
        found = self.programmes[programme]
        self.programmes[programme] = replace(found, status="closed" if found.status == "active" else "active")
        return ("done",)

    def change_returns(self, programme: int, policy: str, cap: int | None) -> Outcome:
        found = self.programmes[programme]
        self.programmes[programme] = replace(found, return_policy=policy, arrears_cap=cap)
        return ("done",)

    def let_earnings_wait(self, programme: int, days: int | None) -> Outcome:
        self.programmes[programme] = replace(self.programmes[programme], pending_days=days)
        return ("done",)

    def posting(self, kind: Kind, where: Where, points: int, **more: Any) -> Posting:
        programme_id, member_id = key_of(where)
        return Posting(
            kind=kind, programme_id=programme_id, member_id=member_id, points=points, id=self.new_id(), **more
        )

    def end(self, where: Where) -> dict[str, Any]:
        """The end of what is earned now, in a posting's words."""
        return self.end_of_lot(PROGRAMMES[where[1]].id, self.now)._asdict()

    def owner(self, member_id: UUID) -> UUID:
        """Whose the points of a member are now."""
        while member_id in self.merged:
            member_id = self.merged[member_id]
        return member_id

    def bucket(self, where: Where, name: str) -> int:
        found = self.accounts.get(key_of(where))
        return found.buckets[name] if found else 0

    def lots_spent(self, transaction_id: UUID) -> tuple[Lot, ...]:
        """The lots that a redemption took from, each with how much; those of a capture are its hold's."""
        posting, _, taken = self.facts[transaction_id]
        return captured_lots(self.hold_now(posting.hold.hold_id)) if posting.hold else self.lots_now(taken)

    def number(self, programme_id: UUID | None) -> int:
        return next(number for number, one in enumerate(self.programmes) if one.id == programme_id)

    def one(self, command: Posting) -> Outcome:
        (fact,) = self.all([command])
        return outcome_of(fact, self.ids)

    def all(
        self, commands: Sequence[Posting], allow: tuple[type[DomainError], ...] = (NothingToExpire,)
    ) -> list[Posted]:
        facts = []
        for fact in self.post(commands):
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


def where_of(one: Hold | Posted) -> Where:
    return MEMBERS.index(one.member_id), number_of(one.programme_id)


def number_of(programme_id: UUID) -> int:
    return next(number for number, one in enumerate(PROGRAMMES) if one.id == programme_id)
