"""Points that ended and are given back, on the database."""

from uuid import UUID

from points.expiry import operations
from shared.db import rows
from tests.model.database.driver import Driver
from tests.model.values.driver import outcome_of
from tests.model.world import OPERATORS, Outcome, Where

_LEFT = """
SELECT t.id, (t.points - coalesce(max(r.total), 0))::bigint AS points FROM points_transaction t
JOIN account a ON a.id = t.account_id LEFT JOIN reinstatement r ON r.expiry_id = t.id
WHERE t.kind = 'expired' AND a.programme_id = %s AND a.member_id = %s
GROUP BY t.id, t.points, t.version HAVING t.points > coalesce(max(r.total), 0) ORDER BY t.version
"""


class Reinstatements(Driver):
    def expired(self, where: Where) -> list[int]:
        self.do("expire", limit=10)
        return [left for _, left in self._expiries(where)]

    def reinstate(self, where: Where, pick: int, points: int, days: int | None, expired: list[int]) -> Outcome:
        if not expired:
            return ("nothing",)
        found = self._expiries(where)
        fact = operations.reinstate_points(
            transaction_id=found[pick % len(found)][0],
            **self.named(where),
            points=points,
            expires_in_days=days,
            reason="r",
            actor_id=OPERATORS[0],
            is_person=False,
            at=self.now,
        )
        return outcome_of(fact, self.ids)

    def _expiries(self, where: Where) -> list[tuple[UUID, int]]:
        return rows(_LEFT, self.key(where))
