"""What purchases earn, on values: those of payments, and those that merchants record."""

from typing import Any
from uuid import UUID

from msgspec import structs

from points.ledger.errors import TransactionNotFound
from points.ledger.rules.earnings import terms
from points.ledger.rules.values import Kind
from points.programmes.rules import points_for, worth
from points.purchases.errors import RedemptionNotUsable
from points.purchases.rules.lines import with_points
from points.purchases.rules.purchases import Purchase, PurchaseLine, Spend
from tests.model.values.driver import Driver, where_of
from tests.model.world import MEMBERS, Outcome, Where


class Purchases(Driver):
    def buy(self, who: int, lines: list[int]) -> Outcome:
        programme = self.programmes[self.default]
        points = points_for(programme, amount=sum(lines)) if programme.status == "active" else 0
        noted = self._noted((who, self.default), [(1, cost) for cost in lines], points)
        return self._earn(noted, f"payment:{noted.payment_id}:earn")

    def record(self, where: Where, lines: list[tuple[int, int]], paid_by: list[int]) -> Outcome:
        programme = self.programmes[where[1]]
        spends = self._spends(where, [self.ids[number] for number in sorted(paid_by)])
        spent = sum(spend.points for spend in spends)
        money = max(0, sum(cost for _, cost in lines) - worth(programme, points=spent))
        noted = self._noted(where, lines, points_for(programme, amount=money), spent=spent, spends=spends)
        self.refuse_closed(where)
        noted = structs.replace(noted, reference=f"{noted.payment_id}")
        outcome = self._earn(noted, f"purchase:{noted.payment_id}:earn")
        used = {spend.redemption_id for other in self.purchases[:-1] for spend in other.spends}
        for spend in spends:
            if f"reversal:{spend.redemption_id}" in self.causes or spend.redemption_id in used:
                raise RedemptionNotUsable(redemption_id=spend.redemption_id, reason="used")
        return outcome

    def buy_again(self, purchase: int) -> Outcome:
        found = self.purchases[purchase]
        if found.transaction_id:
            command, *_ = self.facts[found.transaction_id]
            (fact,) = self.all([structs.replace(command, id=self.new_id())])
            assert fact.is_repeated
        return "done", found.points

    def _noted(self, where: Where, lines: list[tuple[int, int]], points: int, **more: Any) -> Purchase:
        rows = [
            PurchaseLine(line_id=str(number), quantity=pieces, amount=cost)
            for number, (pieces, cost) in enumerate(lines)
        ]
        return Purchase(
            payment_id=self.new_id(),
            programme_id=self.programmes[where[1]].id,
            member_id=MEMBERS[where[0]],
            transaction_id=self.new_id() if points else None,
            amount=sum(cost for _, cost in lines),
            points=points,
            lines=with_points(rows, points),
            **more,
        )

    def _earn(self, noted: Purchase, key: str) -> Outcome:
        if noted.transaction_id:
            member_id = self.owner(noted.member_id) if noted.reference is None else noted.member_id
            where = MEMBERS.index(member_id), self.number(noted.programme_id)
            found = terms(self.programmes[where[1]], earned_at=self.now, at=self.now)
            command = self.posting(Kind.EARNED, where, noted.points, source_key=key, **found)
            self.one(structs.replace(command, id=noted.transaction_id))
        self.purchases.append(noted)
        return "done", noted.points

    def _spends(self, where: Where, ids: list[UUID]) -> tuple[Spend, ...]:
        known = [self.facts[one][1] for one in ids]
        if any(where_of(fact) != where for fact in known):
            raise TransactionNotFound()
        for fact in known:
            if fact.kind != Kind.REDEEMED:
                raise RedemptionNotUsable(redemption_id=fact.id, reason="not_a_redemption")
        return tuple(Spend(redemption_id=fact.id, points=fact.points) for fact in known)
