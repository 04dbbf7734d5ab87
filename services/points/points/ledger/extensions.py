"""The rows of later ends that activities gave to lots, in programmes whose points end after so long without one."""

from collections.abc import Sequence
from datetime import datetime

from points.ledger.rules.values import Decided
from shared.db import Prepared, array

# The lots that are open, or of which points are held; each gets the latest end of the activities that it was there for.
_EXTEND = Prepared(
    "ledger_extend",
    """
WITH reached AS (
    SELECT DISTINCT ON (l.id) l.id, l.expires_at AS previous_at, l.expires_on AS previous_on,
        k.transaction_id, k.version, k.expires_at, k.expires_on
    FROM unnest(%(k0)s::bigint[], %(k1)s::uuid[], %(k2)s::bigint[], %(k3)s::timestamptz[], %(k4)s::date[])
        AS k (account_id, transaction_id, version, expires_at, expires_on)
    CROSS JOIN LATERAL (
        SELECT id FROM lot WHERE lot.account_id = k.account_id AND is_open
        UNION SELECT x.lot_id FROM hold h JOIN allocation x ON x.transaction_id = h.id
        WHERE h.account_id = k.account_id AND h.state = 'held'
    ) there JOIN lot l ON l.id = there.id
    WHERE l.number <= k.version AND l.expires_at > %(at)s::timestamptz
        AND l.expires_at < k.expires_at AND l.expires_on <= k.expires_on
    ORDER BY l.id, k.expires_at DESC, k.version
), moved AS (
    UPDATE lot SET expires_at = reached.expires_at, expires_on = reached.expires_on
    FROM reached WHERE lot.id = reached.id
)
INSERT INTO lot_extension (lot_id, version, transaction_id, previous_expires_at, previous_expires_on, expires_at,
                           expires_on)
SELECT id, version, transaction_id, previous_at, previous_on, expires_at, expires_on FROM reached
""",
)


def write(decided: Sequence[Decided], *, at: datetime) -> None:
    """Write the later ends that postings give to lots whose time has not passed; most postings give none."""
    found: dict[int, list[Decided]] = {}
    for one in decided:
        if one.posting.slides_to:
            found.setdefault(one.after.id, []).append(one)
    rows = [row for activities in found.values() for row in _latest(activities)]
    if rows:
        _EXTEND.later(
            {"at": at, **{f"k{place}": array(column) for place, column in enumerate(zip(*rows, strict=True))}}
        )


def _latest(activities: Sequence[Decided]) -> list[tuple[object, ...]]:
    """Return the activities of one account that no later one of the list reaches as far as; most often the last."""
    kept: list[tuple[object, ...]] = []
    reached: datetime | None = None
    for one in reversed(activities):
        end = one.posting.slides_to
        assert end
        assert end.expires_at
        if reached is None or end.expires_at > reached:
            reached = end.expires_at
            kept.append((one.after.id, one.posting.id, one.after.version, end.expires_at, end.expires_on))
    return kept
