"""What comes back of a purchase, on values."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import structs

from points.ledger.errors import NothingTaken
from points.ledger.rules.holds import expiries
from points.ledger.rules.merges import passed_on
from points.ledger.rules.returns import parts_of
from points.ledger.rules.values import Kind, Posted, Posting, ReturnPolicy
from points.purchases.errors import PurchaseOfPayment
from points.purchases.rules.claims import claimed, request_of
from points.purchases.rules.purchases import LineReturn, Purchase, Refund, Restoration, claw_back, restorations
from shared.errors import DomainError
from tests.model.values.driver import Driver
from tests.model.world import MEMBERS, Outcome


class Returns(Driver):
    def refund(self, purchase: int, amounts: list[int], is_by_line: bool) -> Outcome:
        lines = tuple(LineReturn(str(number), 1, amount) for number, amount in enumerate(amounts))
        return self._settle(purchase, sum(amounts), lines if is_by_line else ())

    def return_pieces(self, purchase: int, pieces: list[int]) -> Outcome:
        return self._return(purchase, request_of({str(n): count for n, count in enumerate(pieces) if count}, None))

    def return_amount(self, purchase: int, amount: int) -> Outcome:
        return self._return(purchase, request_of(None, amount))

    def return_rest(self, purchase: int) -> Outcome:
        return self._return(purchase, request_of(None, None))

    def _return(self, purchase: int, command: Mapping[str, Any]) -> Outcome:
        if self.purchases[purchase].reference is None:
            raise PurchaseOfPayment()
        return self._settle(purchase, *claimed(self.purchases[purchase], command))

    def _settle(self, purchase: int, amount: int, lines: tuple[LineReturn, ...]) -> Outcome:
        found = self.purchases[purchase]
        now = [structs.replace(spend, lots=self.lots_spent(spend.redemption_id)) for spend in found.spends]
        refund = Refund(
            refund_id=self.new_id(), payment_id=found.payment_id, amount=amount, refunded_at=self.now, lines=lines
        )
        points, after = claw_back(structs.replace(found, spends=tuple(now)), refund)
        back, after = restorations(after)
        assert 0 <= after.points_returned <= after.points
        assert all(0 <= line.points_returned <= line.points for line in after.lines)
        restoring = [posting for one in back for posting in self._restoring(found, one)]
        taking = self._taking(found, points, self.owner(found.member_id))
        outcomes = self.post([*restoring, *taking])
        died = sum(self._died(command, fact) for command, fact in zip(restoring, outcomes, strict=False))
        taken = self._parts(outcomes[-1], taking[0]) if taking else (0, 0, 0, 0)
        self.purchases[purchase] = after
        return "done", points, sum(one.points for one in back), died, *taken

    def _restoring(self, found: Purchase, one: Restoration) -> list[Posting]:
        lots = tuple(lot.id for lot in one.lots)
        where = MEMBERS.index(found.member_id), self.number(found.programme_id)
        key, into = f"restore:{self.new_id()}", self.owner(found.member_id)
        command = self.posting(Kind.RESTORED, where, one.points, lots=lots, restores=one.lots, source_key=key)
        passed = passed_on(command, one.lots, into=into, at=self.now) if into != found.member_id else []
        return [command, *expiries(command, one.lots, at=self.now), *passed]

    def _taking(self, found: Purchase, points: int, whose: UUID) -> list[Posting]:
        programme = self.programmes[self.number(found.programme_id)]
        policy = ReturnPolicy(programme.return_policy, programme.arrears_cap)
        own = (found.transaction_id,) if found.transaction_id else ()
        where = MEMBERS.index(whose), self.number(found.programme_id)
        return [self.posting(Kind.RETURNED, where, points, lots=own, policy=policy)] if points else []

    def _died(self, command: Posting, fact: Posted | DomainError) -> int:
        if command.kind not in (Kind.RESTORED, Kind.SENT, Kind.RECEIVED):
            return 0
        if isinstance(fact, DomainError):
            raise fact
        if command.kind != Kind.RESTORED:
            return 0
        return sum(part.points for part in fact.lots if part.expires_at is not None and part.expires_at <= self.now)

    def _parts(self, fact: Posted | DomainError, command: Posting) -> tuple[int, ...]:
        if isinstance(fact, DomainError) and not isinstance(fact, NothingTaken):
            raise fact
        return tuple(parts_of(fact if isinstance(fact, Posted) else None, command).values())
