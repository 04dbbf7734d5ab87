"""What purchases earn, and what refunds take back of it, on values."""

from msgspec import structs

from points.ledger.rules.earnings import terms
from points.ledger.rules.purchases import LineReturn, Purchase, PurchaseLine, Refund, claw_back, with_points
from points.ledger.rules.values import Kind
from points.programmes.rules import points_for
from tests.model.values.desk import Desk
from tests.model.world import MEMBERS, Outcome


class Purchases(Desk):
    def buy(self, who: int, lines: list[int]) -> Outcome:
        programme, amount, payment = self.programmes[self.default], sum(lines), self.new_id()
        points = points_for(programme, amount=amount) if programme.status == "active" else 0
        where, wish = (who, self.default), None
        if points:
            key = f"payment:{payment}:earn"
            found = terms(programme, earned_at=self.now, at=self.now)
            wish = self.posting(Kind.EARNED, where, points, source_key=key, **found)
            self.one(wish)
        rows = [PurchaseLine(line_id=str(number), quantity=1, amount=line) for number, line in enumerate(lines)]
        noted = Purchase(
            payment_id=payment,
            programme_id=programme.id,
            member_id=MEMBERS[who],
            transaction_id=wish.id if wish else None,
            amount=amount,
            points=points,
            lines=with_points(rows, points),
        )
        self.purchases.append((noted, wish))
        return "done", points

    def buy_again(self, purchase: int) -> Outcome:
        found, wish = self.purchases[purchase]
        if wish:
            (fact,) = self.all([structs.replace(wish, id=self.new_id())])
            assert fact.is_repeated
        return "done", found.points

    def refund(self, purchase: int, amounts: list[int], is_by_line: bool) -> Outcome:
        found, wish = self.purchases[purchase]
        lines = tuple(LineReturn(str(number), 1, amount) for number, amount in enumerate(amounts))
        refund = Refund(
            refund_id=self.new_id(),
            payment_id=found.payment_id,
            amount=sum(amounts),
            refunded_at=self.now,
            lines=lines if is_by_line else (),
        )
        points, after = claw_back(found, refund)
        assert 0 <= after.points_returned <= after.points
        assert all(0 <= line.points_returned <= line.points for line in after.lines)
        if points:
            assert wish
            back = structs.replace(
                wish,
                id=self.new_id(),
                kind=Kind.RETURNED,
                points=points,
                lots=(wish.id,),
                source_key=None,
                activates=None,
            )
            self.all([back])
        self.purchases[purchase] = (after, wish)
        return "done", points
