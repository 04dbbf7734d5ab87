"""Where members stand with what is due: for the dry runs of long lists, and for forecasts."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from points.ledger import holds, pending
from points.ledger.rules.due import released
from points.ledger.rules.foresight import Standing
from points.ledger.rules.lots import is_alive
from points.ledger.rules.values import Hold, Lot, Pending
from points.programmes.queries import end_of_lot_in
from shared.db import array, rows

_ACCOUNTS = """
SELECT a.id, a.member_id, l.points, a.deficit, a.held + a.pending, a.issued, a.adjusted
FROM (SELECT DISTINCT unnest(%(members)s::uuid[])) AS one (id)
CROSS JOIN LATERAL (
    SELECT * FROM account a WHERE a.member_id = one.id AND a.programme_id = %(programme)s OFFSET 0) a
CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.remaining), 0)::bigint AS points FROM lot l
    WHERE l.account_id = a.id AND l.is_open AND (l.expires_at IS NULL OR l.expires_at > %(at)s) OFFSET 0) l
"""

_ASIDE = """
SELECT id, deficit FROM account WHERE programme_id = %s AND member_id = %s AND held + pending > 0
"""


def standings(programme_id: UUID, member_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Standing]:
    """Return where these members stand in a programme; one without account is absent.

    What is due counts as the next posting will find it.
    """
    found = rows(_ACCOUNTS, {"at": at, "programme": programme_id, "members": array(list(member_ids))})
    stand = {
        row[1]: Standing(alive + deficit, *counters) for row in found for alive, deficit, _, *counters in [row[2:]]
    }
    owed = {member_id: -deficit for _, member_id, _, deficit, *_ in found}
    for member_id, (over, come) in _due([row[0] for row in found if row[4]], at).items():
        paid, back = released(over, come, owed=owed[member_id], end_of_lot=end_of_lot_in)
        stand[member_id].spendable += paid + sum(lot.remaining for lot in back if is_alive(lot, at=at))
    return stand


def lots_to_be_released(programme_id: UUID, member_id: UUID, *, at: datetime) -> tuple[Lot, ...]:
    """Return the lots that the member's next posting opens or fills, as holds are over and pending points are due."""
    found = rows(_ASIDE, [programme_id, member_id])
    due = _due([account_id for account_id, _ in found], at).get(member_id, ([], []))
    return released(*due, owed=-found[0][1], end_of_lot=end_of_lot_in)[1] if found else ()


def _due(accounts: list[int], at: datetime) -> dict[UUID, tuple[list[Hold], list[Pending]]]:
    """Return the holds that are over and the pending points that are due, by member."""
    found: dict[UUID, tuple[list[Hold], list[Pending]]] = defaultdict(lambda: ([], []))
    if accounts:
        for hold in holds.read(accounts=accounts, at=at):
            found[hold.member_id][0].append(hold)
        for one in pending.read(accounts=accounts, at=at):
            found[one.member_id][1].append(one)
    return found
