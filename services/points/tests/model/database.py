"""The operations of the ledger on the real database, as the machine asks for them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from points.ledger import operations
from points.ledger.adjustments import Adjustment
from points.ledger.queries import balance, day_totals
from points.ledger.rules.purchases import LineReturn, NewPurchase, PurchaseLine, Refund
from points.ledger.rules.values import Kind, Posting
from points.programmes.operations import change_programme
from points.programmes.queries import programme
from points.programmes.rules import end_of_lot
from points.programmes.rules.expiry import NEVER
from shared.db import rows
from shared.errors import DomainError
from shared.ids import new_id
from tests.factories import make_programme, prove
from tests.model.desk import outcome_of, refusal_of
from tests.model.world import MEMBERS, OPERATORS, POLICIES, START, Outcome, Where

_ACCOUNTS = "SELECT programme_id, member_id, held, issued, redeemed, adjusted, returned FROM account"
_LOTS = """
SELECT a.programme_id, a.member_id, l.expires_at, l.remaining FROM lot l JOIN account a ON a.id = l.account_id
WHERE is_open ORDER BY a.id, l.expires_at, l.number
"""
_TOLD_ON = """
SELECT payload->>'programme_id', substr(name, 8), count(*), sum((payload->>'change')::bigint)::bigint FROM told_message
WHERE starts_with(name, 'points_') AND (payload->>'posted_at')::timestamptz::date = %s GROUP BY 1, 2
"""
_TOLD = "SELECT coalesce(sum((payload->>'change')::bigint), 0) FROM told_message WHERE starts_with(name, 'points_')"


class DatabaseLedger:
    """One call of an operation for each wish; a refusal undoes all it did, as it does in a request."""

    def __init__(self) -> None:
        self.now = START
        self.programmes = [
            make_programme(
                name=policy.timezone,
                timezone=policy.timezone,
                earn_points=policy.earn_points,
                earn_amount=policy.earn_amount,
                lot_days=policy.lot_days,
                adjustment_limit=policy.adjustment_limit,
                at=START,
            ).id
            for policy in POLICIES
        ]
        self._tables: tuple[dict[Any, Any], dict[Any, list[Any]]] | None = None
        self.ids: list[UUID] = []
        self.holds: list[UUID] = []
        self.requests: list[UUID] = []
        self.purchases: list[tuple[NewPurchase, int]] = []

    def do(self, operation: str, **wish: Any) -> Outcome:
        self._tables = None
        try:
            with transaction.atomic():
                return getattr(self, operation)(**wish)  # type: ignore[no-any-return]
        except DomainError as refusal:
            return refusal_of(refusal)

    def state(self, where: Where) -> dict[str, Any]:
        programme_id, member_id = key = self.key(where)
        seen = balance(programme_id=programme_id, member_id=member_id, at=self.now)
        accounts, lots = self.tables
        held, issued, redeemed, adjusted, returned = accounts.get(key, (0, 0, 0, 0, 0))
        alive = [(ends, left) for ends, left in lots.get(key, []) if ends is None or ends > self.now]
        return {
            "available": seen.available,
            "held": seen.held,
            "owed": -seen.deficit,
            "issued": -issued,
            "redeemed": redeemed,
            "adjusted": -adjusted,
            "returned": returned,
            "lots": alive if seen.held == held else None,
        }

    @property
    def tables(self) -> tuple[dict[Any, Any], dict[Any, list[Any]]]:
        """The accounts and the open lots of each in their order, read once after each operation."""
        if self._tables is None:
            lots: dict[Any, list[Any]] = {}
            for programme_id, member_id, *lot in rows(_LOTS):
                lots.setdefault((programme_id, member_id), []).append(tuple(lot))
            self._tables = {tuple(row[:2]): row[2:] for row in rows(_ACCOUNTS)}, lots
        return self._tables

    def prove(self) -> None:
        """The whole proof, and that what was told adds up to what is there."""
        prove()
        today = self.now.date()
        totals = {(total.unit, total.kind, total.count, total.total) for total in day_totals(today)}
        assert set(rows(_TOLD_ON, [today])) == totals
        assert rows(_TOLD) == rows("SELECT coalesce(sum(available + held), 0) FROM account")

    def time_passes(self, to: Any) -> Outcome:
        self.now = to
        return ("done",)

    def switch_default(self) -> Outcome:
        other = next(one for one in self.programmes if not programme(one).is_default)
        change_programme(other, changes={"is_default": True}, at=self.now)
        return ("done",)

    def open_or_close(self, programme: int) -> Outcome:
        found = self.programme(programme)
        status = "closed" if found.status == "active" else "active"
        change_programme(found.id, changes={"status": status}, at=self.now)
        return ("done",)

    def earn(self, where: Where, points: int, hours: int | None, key: str | None = None) -> Outcome:
        ends = None if hours is None else self.now + timedelta(hours=hours, minutes=7)
        fact = operations.earn_points(
            **self.named(where), points=points, reason="r", expires_at=ends, source_key=key, at=self.now
        )
        return outcome_of(fact, self.ids)

    def redeem(self, where: Where, points: int, key: str | None = None) -> Outcome:
        fact = operations.redeem_points(
            **self.named(where), points=points, reference="", reason="r", source_key=key, at=self.now
        )
        return outcome_of(fact, self.ids)

    def adjust(self, where: Where, points: int, asked_by: int) -> Outcome:
        made = operations.ask_for_adjustment(
            **self.named(where), points=points, reason="r", actor_id=OPERATORS[asked_by], at=self.now
        )
        if isinstance(made, Adjustment):
            self.requests.append(made.id)
            return ("pending",)
        return outcome_of(made, self.ids)

    def approve(self, request: int, by: int) -> Outcome:
        made = operations.approve_adjustment(self.requests[request], actor_id=OPERATORS[by], at=self.now)
        return self.posted(made.transaction_id)

    def reject(self, request: int, by: int) -> Outcome:
        operations.reject_adjustment(self.requests[request], actor_id=OPERATORS[by], at=self.now)
        return ("done",)

    def batch(self, lines: list[tuple[str, Where, int, str]]) -> Outcome:
        facts = operations.post([self.line(*line) for line in lines], at=self.now)
        return tuple(refusal_of(one) if isinstance(one, DomainError) else outcome_of(one, self.ids) for one in facts)

    def line(self, kind: str, where: Where, points: int, key: str) -> Posting:
        kinds = {"earn": Kind.EARNED, "redeem": Kind.REDEEMED, "adjust": Kind.ADJUSTED}
        programme_id, member_id = self.key(where)
        gives = kind == "adjust" and points > 0
        end = end_of_lot(self.programme(where[1]), earned_at=self.now) if gives else NEVER
        signed = points if kind == "adjust" else abs(points)
        return Posting(
            kind=kinds[kind],
            programme_id=programme_id,
            member_id=member_id,
            points=signed,
            source_key=key,
            **end._asdict(),
        )

    def transfer(self, where: Where, to: int, points: int) -> Outcome:
        programme_id, member_id = self.key(where)
        made = operations.transfer_points(
            programme_id=programme_id,
            from_member_id=member_id,
            to_member_id=MEMBERS[to],
            points=points,
            reason="t",
            at=self.now,
        )
        return outcome_of(made.sent, self.ids), outcome_of(made.received, self.ids)

    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        ends = self.now + timedelta(hours=hours)
        made = operations.hold_points(**self.named(where), points=points, reference="h", expires_at=ends, at=self.now)
        self.holds.append(made.id)
        return "done", tuple((lot.expires_at, lot.remaining) for lot in made.lots)

    def capture(self, hold: int, points: int) -> Outcome:
        found = operations.capture_hold(self.holds[hold], points=points, at=self.now)
        assert found.capture_id
        self.ids.append(found.capture_id)
        return str(found.state), found.captured

    def void(self, hold: int) -> Outcome:
        found = operations.void_hold(self.holds[hold], at=self.now)
        return str(found.state), found.captured

    def extend(self, hold: int, hours: int) -> Outcome:
        ends = self.now + timedelta(hours=hours)
        return "done", operations.extend_hold(self.holds[hold], expires_at=ends, at=self.now).expires_at

    def reverse(self, deed: int) -> Outcome:
        fact = operations.reverse_transaction(self.ids[deed], reason="r", actor_id=OPERATORS[0], at=self.now)
        return outcome_of(fact, self.ids)

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

    def expire(self, limit: int) -> Outcome:
        operations.expire_holds(at=self.now)
        assert operations.expire_holds(at=self.now) == (0, 0)
        operations.expire_all(at=self.now, limit=limit)
        assert operations.expire_lots(at=self.now) == (0, 0)
        return ("done",)

    def expire_lot(self, deed: int) -> Outcome:
        ((programme_id, member_id),) = rows(
            "SELECT a.programme_id, a.member_id FROM points_transaction t JOIN account a ON a.id = t.account_id"
            " WHERE t.id = %s",
            [self.ids[deed]],
        )
        wish = Posting(
            kind=Kind.EXPIRED, programme_id=programme_id, member_id=member_id, points=0, lots=(self.ids[deed],)
        )
        operations.post_one(wish, at=self.now)
        return ("done",)

    def posted(self, transaction_id: UUID | None) -> Outcome:
        """What an approval posted, read back."""
        assert transaction_id
        self.ids.append(transaction_id)
        found = rows("SELECT change FROM points_transaction WHERE id = %s", [transaction_id])
        return "done", found[0][0]

    def programme(self, number: int) -> Any:
        return programme(self.programmes[number])

    def key(self, where: Where) -> tuple[UUID, UUID]:
        return self.programmes[where[1]], MEMBERS[where[0]]

    def named(self, where: Where) -> dict[str, Any]:
        programme_id, member_id = self.key(where)
        return {"programme_id": programme_id, "member_id": member_id}
