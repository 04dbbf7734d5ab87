"""A member's statement: what was there, what came and went, what is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from points.ledger.history import AccountThen, account_at, expiring
from points.ledger.queries import with_details
from points.ledger.rules.values import Expiring, Posted, Take
from points.programmes.rules import Programme
from points.statements.errors import StatementPeriodInvalid, StatementTooLong
from points.statements.queries.provenance import Cause, came_from
from points.statements.rules import LONGEST, Period
from shared.db import rows

MAX_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Statement:
    """Transactions of a period with the accounts before and after; `causes` says which transaction opened a lot."""

    programme: Programme
    member_id: UUID
    period: Period
    as_of: datetime
    opening: AccountThen
    closing: AccountThen
    lines: tuple[Posted, ...]
    causes: dict[UUID, Cause]

    @property
    def expiring(self) -> tuple[Expiring, ...]:
        """Return what was to end after the statement's end, by its end."""
        return expiring(self.closing.lots, at=self.as_of)

    def parts_of(self, line: Posted) -> Iterator[tuple[Take, Cause | None]]:
        """Yield what a transaction did to lots, and what had opened each."""
        return ((part, self.causes.get(part.lot_id)) for part in line.lots)


# By the account's own numbers, as the balances before and after are: so the lines always add up to them.
_LINES = """
SELECT id FROM points_transaction WHERE account_id = %s AND version > %s AND version <= %s ORDER BY version LIMIT %s
"""


def statement(programme: Programme, *, member_id: UUID, period: Period, at: datetime) -> Statement:
    """Return a member's statement of a period, until now where it has not ended.

    :raises StatementPeriodInvalid: it is none, or longer than a year.
    :raises StatementTooLong: it has more transactions than one statement takes.
    """
    if not period.first <= period.last <= period.first + LONGEST:
        raise StatementPeriodInvalid(longest_days=LONGEST.days)
    as_of = min(period.end, at)
    opening = account_at(programme_id=programme.id, member_id=member_id, at=min(period.before, at))
    closing = account_at(programme_id=programme.id, member_id=member_id, at=as_of)
    ids = [row[0] for row in rows(_LINES, [closing.id, opening.version, closing.version, MAX_LINES + 1])]
    if len(ids) > MAX_LINES:
        raise StatementTooLong(max_transactions=MAX_LINES)
    lines = tuple(with_details(ids))
    causes = came_from(list({part.lot_id for line in lines for part in line.lots}))
    return Statement(programme, member_id, period, as_of, opening, closing, lines, causes)
