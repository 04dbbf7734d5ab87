"""What purchases earn, and what comes back of it, on the database."""

from typing import Any

from points.ledger import operations
from points.ledger.rules.purchases import LineReturn, NewPurchase, PurchaseLine, Refund
from shared.db import rows
from shared.ids import new_id
from tests.model.database.desk import Desk
from tests.model.world import MEMBERS, Outcome


class Purchases(Desk):
    def buy(self, who: int, lines: list[int]) -> Outcome:
        new = NewPurchase(
            payment_id=new_id(),
            member_id=MEMBERS[who],
            currency="EUR",
            amount=sum(lines),
            money_amount=sum(lines),
            lines=tuple(PurchaseLine(line_id=str(n), quantity=1, amount=line) for n, line in enumerate(lines)),
            captured_at=self.now,
        )
        operations.earn_purchases([new], at=self.now)
        ((transaction_id, points),) = self.purchase(new)
        if points:
            self.ids.append(transaction_id)
        self.purchases.append((new, points))
        return "done", points

    def buy_again(self, purchase: int) -> Outcome:
        new, _ = self.purchases[purchase]
        operations.earn_purchases([new], at=self.now)
        ((_, points),) = self.purchase(new)
        return "done", points

    def purchase(self, new: NewPurchase) -> Any:
        return rows("SELECT transaction_id, points FROM purchase WHERE payment_id = %s", [new.payment_id])

    def refund(self, purchase: int, amounts: list[int], is_by_line: bool) -> Outcome:
        new, _ = self.purchases[purchase]
        lines = tuple(LineReturn(str(number), 1, amount) for number, amount in enumerate(amounts))
        given = Refund(
            refund_id=new_id(),
            payment_id=new.payment_id,
            amount=sum(amounts),
            refunded_at=self.now,
            lines=lines if is_by_line else (),
        )
        for _ in range(2):  # the second time does nothing
            operations.claw_back_refunds([given], at=self.now)
        ((points,),) = rows("SELECT points FROM purchase_return WHERE refund_id = %s", [given.refund_id])
        return "done", points
