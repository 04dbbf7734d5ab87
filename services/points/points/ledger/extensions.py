"""The rows of later ends that activities gave to lots, in programmes whose points end after so long without one."""

from collections.abc import Collection, Sequence
from datetime import datetime

from points.ledger.rules.values import Decided
from shared.db import Prepared, array

# The lots that are open, of which points are held, or that another posting of the list emptied after the activity; each
# gets the latest end of the activities that it was there for.
_COLUMNS = ("account_id", "transaction_id", "version", "expires_at", "expires_on")
_EXTEND = Prepared(
    "ledger_extend",
    """
WITH reached AS (
    SELECT DISTINCT ON (l.id) l.id, l.expires_at AS previous_at, l.expires_on AS previous_on,
        k.transaction_id, k.version, k.expires_at, k.expires_on
    FROM unnest(%(account_id)s::bigint[], %(transaction_id)s::uuid[], %(version)s::bigint[],
            %(expires_at)s::timestamptz[], %(expires_on)s::date[])
        AS k (account_id, transaction_id, version, expires_at, expires_on)
    CROSS JOIN LATERAL (
        SELECT id FROM lot WHERE lot.account_id = k.account_id AND is_open
        UNION SELECT x.lot_id FROM hold h JOIN allocation x ON x.transaction_id = h.id
        WHERE h.account_id = k.account_id AND h.state = 'held'
        UNION SELECT e.lot_id
        FROM unnest(%(taken_lot_id)s::uuid[], %(taken_account_id)s::bigint[], %(taken_version)s::bigint[])
            AS e (lot_id, account_id, version) WHERE e.account_id = k.account_id AND e.version > k.version
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


def end_before(version: str) -> str:
    """Return the SQL of the end that a lot `l` had before its account's transaction of a version; the present one for
    NULL. By these ends lots are in the order in which that transaction took from them."""
    return (
        "coalesce((SELECT later.previous_expires_at FROM lot_extension later"
        f" WHERE later.lot_id = l.id AND later.version >= {version} ORDER BY later.version LIMIT 1), l.expires_at)"
    )


def write(decided: Sequence[Decided], *, at: datetime) -> None:
    """Write the later ends that postings give to lots whose time has not passed; one at least does."""
    found: dict[int, list[Decided]] = {}
    for one in decided:
        if one.posting.slides_to:
            found.setdefault(one.after.id, []).append(one)
    rows = [row for activities in found.values() for row in _latest(activities)]
    columns = {name: array(column) for name, column in zip(_COLUMNS, zip(*rows, strict=True), strict=True)}
    _EXTEND.later({"at": at, **columns, **_taken_from(decided, found)})


def _latest(activities: Sequence[Decided]) -> list[tuple[object, ...]]:
    """Return the first and the last activities of one account that reach as far as any after them; most often one."""
    kept: dict[datetime, list[Decided]] = {}
    for one in reversed(activities):
        end = one.posting.slides_to
        assert end
        assert end.expires_at
        if end.expires_at in kept:
            kept[end.expires_at][1:] = [one]
        elif not kept or end.expires_at > max(kept):
            kept[end.expires_at] = [one]
    return [_row(one) for those in kept.values() for one in those]


def _row(one: Decided) -> tuple[object, ...]:
    end = one.posting.slides_to
    assert end
    return one.after.id, one.posting.id, one.after.version, end.expires_at, end.expires_on


def _taken_from(decided: Sequence[Decided], accounts: Collection[int]) -> dict[str, str]:
    """Return the lots that the list took from, with the version of the last posting that did."""
    last = {
        take.lot_id: (one.after.id, one.after.version)
        for one in decided
        if one.after.id in accounts
        for take in one.movement.takes
    }
    return {
        "taken_lot_id": array(list(last)),
        "taken_account_id": array([account_id for account_id, _ in last.values()]),
        "taken_version": array([version for _, version in last.values()]),
    }
