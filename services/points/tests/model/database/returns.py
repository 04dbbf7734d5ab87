"""What comes back of a purchase, on the database."""

from collections.abc import Mapping
from typing import Any

from points.purchases import operations
from points.purchases.rows.refunds import Returned, of_purchase
from points.purchases.rules.claims import request_of
from points.purchases.rules.purchases import LineReturn, Refund
from shared.ids import new_id
from tests.model.database.driver import Driver
from tests.model.world import Outcome


class Returns(Driver):
    def refund(self, purchase: int, amounts: list[int], is_by_line: bool) -> Outcome:
        lines = tuple(LineReturn(str(number), 1, amount) for number, amount in enumerate(amounts))
        given = Refund(
            refund_id=new_id(),
            payment_id=self.purchase_ids[purchase],
            amount=sum(amounts),
            refunded_at=self.now,
            lines=lines if is_by_line else (),
        )
        for _ in range(2):  # the second time does nothing
            operations.claw_back_refunds([given], at=self.now)
        return _outcome(next(one for one in of_purchase(given.payment_id) if one.refund_id == given.refund_id))

    def return_pieces(self, purchase: int, pieces: list[int]) -> Outcome:
        return self._return(purchase, request_of({str(n): count for n, count in enumerate(pieces) if count}, None))

    def return_amount(self, purchase: int, amount: int) -> Outcome:
        return self._return(purchase, request_of(None, amount))

    def return_rest(self, purchase: int) -> Outcome:
        return self._return(purchase, request_of(None, None))

    def _return(self, purchase: int, command: Mapping[str, Any]) -> Outcome:
        """Foreseen, done, and asked for again: the same each time."""
        named = {"return_id": str(new_id()), "request": command, "reason": "r", "actor_id": None, "at": self.now}
        purchase_id = self.purchase_ids[purchase]
        seen, done, again = (
            _outcome(operations.return_purchase(purchase_id, preview=is_preview, **named))
            for is_preview in (True, False, False)
        )
        assert seen == done == again
        return done


def _outcome(found: Returned) -> Outcome:
    parts = found.own, found.others, found.owed, found.forgiven
    return "done", found.points, found.restored, found.expired, *parts
