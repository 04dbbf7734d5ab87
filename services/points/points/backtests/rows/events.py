"""The events and registrations of a span, with what rules were told then, and when they were taken back."""

from collections.abc import Sequence
from typing import Any

import msgspec

from points.backtests.models import Backtest
from points.backtests.rows.spans import OF_CHUNK, SEEN, Window, of_chunk
from points.backtests.rules import Told
from points.earning.rules import Trigger
from points.events.rules.events import Event
from shared.db import Row, rows_in_order

_COLUMNS = (
    "member_id", "id", "programme_id", "trigger", "name", "occurred_at", "recorded_at", "points", "no_points_reason",
    "rules_version", "data",
)  # fmt: skip
_KNOWN = "SELECT r.known FROM event_rules r WHERE r.event_id = e.id"
_REVERSED = f"""SELECT t.occurred_at FROM points_transaction t
WHERE t.reverses_id = e.transaction_id AND {SEEN.format("t")}
UNION ALL SELECT n.created_at FROM event_reversal n WHERE n.event_id = e.id AND {SEEN.format("n")}"""
_READ = f"""
SELECT e.member_id::text, {", ".join(f"e.{name}" for name in _COLUMNS)}, ({_KNOWN}), ({_REVERSED})
FROM event e WHERE {OF_CHUNK.format("e")}"""


def read(row: Backtest, window: Window) -> list[Row]:
    """Return the events of the members of a chunk, those of each together; the member's id as text comes first."""
    return rows_in_order(_READ, of_chunk(row, window))


def told(found: Sequence[Any]) -> Told:
    """Return an event as it is replayed."""
    _, *plain, data, known, reversed_at = found
    said = dict(zip(_COLUMNS, plain, strict=False))
    event = Event(**said | {"trigger": Trigger(said["trigger"]), "data": msgspec.json.decode(data)})
    return Told(event, msgspec.json.decode(known) if known else None, reversed_at)
