"""What every operation on the database needs: refusals that undo, the clock, programmes, and what can be seen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from points.ledger.day_totals import day_totals
from points.ledger.queries import balance
from points.programmes.operations import change_programme
from points.programmes.queries import programme
from points.programmes.rules import Programme
from points.programmes.rules.expiry import ACTIVITIES, Sliding
from points.purchases.rules.purchases import NewPurchase, RecordedPurchase
from shared.db import rows
from shared.errors import DomainError
from tests.factories import make_programme, prove, register
from tests.model.values.driver import refusal_of
from tests.model.world import MEMBERS, POLICIES, START, Outcome, Where, one_of_each

Tables = tuple[dict[Any, Any], dict[Any, list[Any]]]
_ACCOUNTS = "SELECT programme_id, member_id, held, pending, issued, redeemed, adjusted, returned FROM account"
_LOTS = """
SELECT a.programme_id, a.member_id, l.expires_at, l.number, l.remaining FROM lot l JOIN account a ON a.id = l.account_id
WHERE is_open ORDER BY a.id, l.expires_at, l.number
"""
_PUBLISHED_ON = """
SELECT payload->>'programme_id', substr(name, 8), count(*), sum((payload->>'change')::bigint)::bigint
FROM published_message WHERE starts_with(name, 'points_') AND (payload->>'posted_at')::timestamptz::date = %s
GROUP BY 1, 2
"""
_PUBLISHED = (
    "SELECT coalesce(sum((payload->>'change')::bigint), 0) FROM published_message WHERE starts_with(name, 'points_')"
)


class Driver:
    """Where operations are asked for."""

    def __init__(self) -> None:
        self.now = START
        register(*MEMBERS)
        self.programmes = [
            make_programme(
                name=policy.timezone,
                timezone=policy.timezone,
                earn_points=policy.earn_points,
                earn_amount=policy.earn_amount,
                lot_days=policy.lot_days,
                expiry=Sliding(policy.sliding_days, "day", activities=ACTIVITIES) if policy.sliding_days else None,
                value_points=policy.value_points,
                value_amount=policy.value_amount,
                adjustment_limit=policy.adjustment_limit,
                at=START,
            ).id
            for policy in POLICIES
        ]
        self._tables: Tables | None = None
        self.ids: list[UUID] = []
        self.holds: list[UUID] = []
        self.requests: list[UUID] = []
        self.purchases: list[NewPurchase | RecordedPurchase] = []
        self.purchase_ids: list[UUID] = []

    def do(self, operation: str, **command: Any) -> Outcome:
        self._tables = None
        try:
            with transaction.atomic():
                return getattr(self, operation)(**command)  # type: ignore[no-any-return]
        except DomainError as refusal:
            return refusal_of(refusal)

    def state(self, where: Where) -> dict[str, Any]:
        programme_id, member_id = key = self.key(where)
        seen = balance(programme_id=programme_id, member_id=member_id, at=self.now)
        accounts, lots = self.tables
        held, pending, issued, redeemed, adjusted, returned = accounts.get(key, (0, 0, 0, 0, 0, 0))
        alive = one_of_each(lot for lot in lots.get(key, []) if lot[0] is None or lot[0] > self.now)
        return {
            "available": seen.available,
            "held": seen.held,
            "pending": seen.pending,
            "owed": -seen.deficit,
            # What is due is in a balance already, and in the tables with the next posting.
            "issued": -issued if seen.pending == pending else None,
            "redeemed": redeemed,
            "adjusted": -adjusted,
            "returned": returned,
            "lots": alive if (seen.held, seen.pending) == (held, pending) else None,
        }

    @property
    def tables(self) -> Tables:
        """The accounts and the open lots of each in their order, read once after each operation."""
        if self._tables is None:
            lots: dict[Any, list[Any]] = {}
            for programme_id, member_id, *lot in rows(_LOTS):
                lots.setdefault((programme_id, member_id), []).append(tuple(lot))
            self._tables = {tuple(row[:2]): row[2:] for row in rows(_ACCOUNTS)}, lots
        return self._tables

    def prove(self) -> None:
        """The whole proof, and that what was published adds up to what is there."""
        prove()
        today = self.now.date()
        totals = {(total.unit, total.kind, total.count, total.total) for total in day_totals(today)}
        assert set(rows(_PUBLISHED_ON, [today])) == totals
        assert rows(_PUBLISHED) == rows("SELECT coalesce(sum(available + held), 0) FROM account")

    def time_passes(self, to: datetime) -> Outcome:
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

    def change_returns(self, programme: int, policy: str, cap: int | None) -> Outcome:
        changes = {"return_policy": policy, "arrears_cap": cap}
        change_programme(self.programmes[programme], changes=changes, at=self.now)
        return ("done",)

    def let_earnings_wait(self, programme: int, days: int | None) -> Outcome:
        change_programme(self.programmes[programme], changes={"pending_days": days}, at=self.now)
        return ("done",)

    def programme(self, number: int) -> Programme:
        return programme(self.programmes[number])

    def key(self, where: Where) -> tuple[UUID, UUID]:
        return self.programmes[where[1]], MEMBERS[where[0]]

    def named(self, where: Where) -> dict[str, Any]:
        programme_id, member_id = self.key(where)
        return {"programme_id": programme_id, "member_id": member_id}
