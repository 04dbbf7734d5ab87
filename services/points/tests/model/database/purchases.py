"""What purchases earn, on the database: those of payments, and those that merchants record."""

from uuid import UUID

from points.purchases import operations
from points.purchases.rules.purchases import NewPurchase, PurchaseLine, RecordedPurchase
from shared.db import rows
from shared.ids import new_id
from tests.model.database.driver import Driver
from tests.model.world import MEMBERS, Outcome, Where


class Purchases(Driver):
    def buy(self, who: int, lines: list[int]) -> Outcome:
        new = NewPurchase(
            payment_id=new_id(),
            merchant_id=new_id(),
            order_id="order",
            member_id=MEMBERS[who],
            currency="EUR",
            amount=sum(lines),
            money_amount=sum(lines),
            lines=_lines([(1, cost) for cost in lines]),
            captured_at=self.now,
        )
        operations.earn_purchases([new], at=self.now)
        ((transaction_id, points),) = self._read(new.payment_id)
        return self._note(new, new.payment_id, transaction_id, points)

    def record(self, where: Where, lines: list[tuple[int, int]], paid_by: list[int]) -> Outcome:
        recorded = RecordedPurchase(
            reference=str(new_id()),
            merchant_id=None,
            member_id=MEMBERS[where[0]],
            currency="EUR",
            amount=sum(cost for _, cost in lines),
            lines=_lines(lines),
            redemption_ids=tuple(self.ids[number] for number in paid_by),
            occurred_at=self.now,
        )
        made = operations.record_purchase(recorded, programme_id=self.key(where)[0], actor_id=None, at=self.now)
        return self._note(recorded, made.payment_id, made.transaction_id, made.points)

    def buy_again(self, purchase: int) -> Outcome:
        new, purchase_id = self.purchases[purchase], self.purchase_ids[purchase]
        if isinstance(new, NewPurchase):
            operations.earn_purchases([new], at=self.now)
            ((_, points),) = self._read(purchase_id)
            return "done", points
        ((programme_id,),) = rows("SELECT programme_id FROM purchase WHERE payment_id = %s", [purchase_id])
        again = operations.record_purchase(new, programme_id=programme_id, actor_id=None, at=self.now)
        assert again.payment_id == purchase_id
        return "done", again.points

    def _note(
        self, new: NewPurchase | RecordedPurchase, purchase_id: UUID, transaction_id: UUID | None, points: int
    ) -> Outcome:
        if transaction_id:
            self.ids.append(transaction_id)
        self.purchases.append(new)
        self.purchase_ids.append(purchase_id)
        return "done", points

    def _read(self, purchase_id: UUID) -> list[tuple[UUID | None, int]]:
        return rows("SELECT transaction_id, points FROM purchase WHERE payment_id = %s", [purchase_id])


def _lines(lines: list[tuple[int, int]]) -> tuple[PurchaseLine, ...]:
    return tuple(PurchaseLine(line_id=str(n), quantity=pieces, amount=cost) for n, (pieces, cost) in enumerate(lines))
