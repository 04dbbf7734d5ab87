"""What people undo, on values."""

from points.ledger.errors import AlreadyReversed, NotReversible, PaysPurchase
from points.ledger.rules.holds import expiries
from points.ledger.rules.pending import state_of
from points.ledger.rules.values import Kind, PendingState, Posted, Reversed
from shared.errors import DomainError
from tests.model.values.driver import Driver, outcome_of
from tests.model.world import MEMBERS, Outcome


class Corrections(Driver):
    def reverse(self, deed: int) -> Outcome:
        posting, fact, _ = self.facts[self.ids[deed]]
        is_purchase = bool(posting.source_key) and str(posting.source_key).startswith(("payment:", "purchase:"))
        if fact.kind not in (Kind.EARNED, Kind.REDEEMED, Kind.ADJUSTED) or is_purchase:
            raise NotReversible(kind=fact.kind)
        self._refuse_what_paid(fact)
        self._refuse_what_never_came(fact)
        spent = self.lots_spent(fact.id)
        reversal = self.posting(
            Kind.REVERSED,
            (MEMBERS.index(fact.member_id), self.number(fact.programme_id)),
            fact.points,
            source_key=_key(fact),
            lots=(fact.id,),
            reverses=Reversed(fact.id, Kind(fact.kind), spent),
        )
        outcome = self.post([reversal, *expiries(reversal, spent, at=self.now)])[0]
        if isinstance(outcome, DomainError):
            raise outcome
        if outcome.is_repeated:
            raise AlreadyReversed(reversal=outcome.id)
        return outcome_of(outcome, self.ids)

    def _refuse_what_paid(self, fact: Posted) -> None:
        for purchase in self.purchases:
            if any(spend.redemption_id == fact.id for spend in purchase.spends):
                raise PaysPurchase(purchase=purchase.payment_id)

    def _refuse_what_never_came(self, fact: Posted) -> None:
        waited = self.pending.get(fact.id) if fact.kind == Kind.EARNED else None
        if waited and state_of(waited, at=self.now) == PendingState.CANCELLED and _key(fact) not in self.causes:
            raise NotReversible(kind=fact.kind, state=PendingState.CANCELLED)


def _key(fact: Posted) -> str:
    return f"reversal:{fact.id}"
