"""Keeping the services' counts, and comparing our facts with them."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from shared.db import columns, execute, rows, unit_of_work
from warehouse.intake.operations import Slice
from warehouse.reconciliation import queries
from warehouse.reconciliation.rules import DIFFERENT, Verdict, agree, compare

log = logging.getLogger(__name__)

_LOCK = 49350  # one comparison at a time: two would overwrite each other's verdicts
# While a test clock stands, a day is counted more than once as of one instant: the ids have the order of the counts.
_KEEP = """
INSERT INTO ledger_day (service, day, as_of, totals_id, totals)
SELECT DISTINCT ON (said.service, said.day) said.service, said.day, said.as_of, said.totals_id, said.totals
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload)
    AS said (service text, day date, as_of timestamptz, totals_id uuid, totals jsonb)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'ledger_day_totals'
  AND message.producer = said.service
ORDER BY said.service, said.day, said.as_of DESC, said.totals_id DESC
ON CONFLICT (service, day) DO UPDATE
SET as_of = excluded.as_of, totals_id = excluded.totals_id, totals = excluded.totals
WHERE (ledger_day.as_of, ledger_day.totals_id) < (excluded.as_of, excluded.totals_id)
RETURNING day
"""
_WRITE = """
INSERT INTO comparison (day, ledger, unit, kind, ours_count, ours_total, theirs_count, theirs_total,
                        totals_as_of, status, status_since, compared_at)
SELECT *, %s, %s FROM unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
                             %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[])
ON CONFLICT (day, ledger, unit, kind) DO UPDATE
SET ours_count = excluded.ours_count, ours_total = excluded.ours_total, theirs_count = excluded.theirs_count,
    theirs_total = excluded.theirs_total, totals_as_of = excluded.totals_as_of, status = excluded.status,
    status_since = CASE WHEN comparison.status = excluded.status THEN comparison.status_since
                        ELSE excluded.status_since END,
    compared_at = excluded.compared_at
"""
_DELETE = """
DELETE FROM comparison WHERE day = ANY(%s)
  AND (day, ledger, unit, kind) NOT IN (SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::text[]))
"""


def take_totals(messages: Slice, *, at: datetime) -> None:
    """Keep what services counted, the latest count of each day, and compare those days at once."""
    with unit_of_work():
        days = {day for (day,) in rows(_KEEP, asdict(messages))}
        reconcile(days=sorted(days), at=at)


def reconcile(*, days: Sequence[date], at: datetime, waits: bool = True) -> bool:
    """Compare our facts of these days with what the services counted, and write down the verdicts.

    While another comparison runs it is waited for, or nothing is done; tells whether it was done.
    """
    if not days:
        return True
    with unit_of_work():
        if not _is_alone(waits):
            return False
        verdicts = list(compare(queries.ours(days), queries.theirs(days), queries.counted(days), at=at))
        verdicts += agree(queries.by_rules(days))
        _write(days, verdicts, at=at)
    for verdict in verdicts:
        if verdict.status == DIFFERENT:
            log.warning("the facts differ from the ledger: %s", verdict)
    return True


def _is_alone(waits: bool) -> bool:
    if waits:
        rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        return True
    return bool(rows("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])[0][0])


def _write(days: Sequence[date], verdicts: Sequence[Verdict], *, at: datetime) -> None:
    values = columns([_record(verdict) for verdict in verdicts], 10)
    execute(_WRITE, [at, at, *values])
    execute(_DELETE, [list(days), *values[:4]])


def _record(verdict: Verdict) -> tuple[object, ...]:
    movement, ours, theirs = verdict.movement, verdict.ours, verdict.theirs
    return (
        movement.day,
        movement.ledger,
        movement.unit,
        movement.kind,
        ours.count,
        ours.total,
        theirs and theirs.count,
        theirs and theirs.total,
        verdict.as_of,
        verdict.status,
    )
