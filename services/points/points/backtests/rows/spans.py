"""Which rows a backtest reads: those of its span that its first chunk saw, so many members of them at once."""

from typing import Any, NamedTuple
from uuid import UUID

from points.backtests.models import Backtest
from shared.db import rows, rows_in_order

# What the first chunk saw. Who wrote is not known of what is older than the column.
SEEN = "({0}.xid IS NULL OR pg_visible_in_snapshot({0}.xid, %(reach)s::pg_snapshot))"
OF_SPAN = """{0}.programme_id = %(programme)s::uuid AND {0}.occurred_at >= %(starts_at)s::timestamptz
    AND {0}.occurred_at < %(ends_at)s::timestamptz"""
# Those of the members of a chunk, who come in their order.
OF_CHUNK = f"""{OF_SPAN} AND {{0}}.member_id > %(after)s::uuid AND {{0}}.member_id <= %(until)s::uuid AND {SEEN}
ORDER BY {{0}}.member_id, {{0}}.occurred_at"""
_TABLES = {"purchase": "p", "event": "e"}
_COUNTS = " + ".join(
    f"(SELECT count(*) FROM {table} {one} WHERE {OF_SPAN.format(one)})" for table, one in _TABLES.items()
)
_BEGIN = f"SELECT pg_current_snapshot()::text, {_COUNTS}"
_BEHIND = " UNION ALL ".join(
    f"(SELECT {one}.member_id FROM {table} {one} WHERE {OF_SPAN.format(one)} AND {one}.member_id > %(after)s::uuid"
    f" ORDER BY {one}.member_id LIMIT %(limit)s)"
    for table, one in _TABLES.items()
)
_UNTIL = f"SELECT member_id FROM ({_BEHIND}) behind ORDER BY member_id OFFSET %(limit)s - 1 LIMIT 1"
_NOBODY, _LAST = UUID(int=0), UUID(int=2**128 - 1)


class Window(NamedTuple):
    """The members of a chunk: those behind one, up to another; and whether any may be behind that."""

    after: UUID
    until: UUID
    is_more: bool


def begin(row: Backtest) -> None:
    """Note up to where a backtest reads, and how many purchases and events that are: what one snapshot sees."""
    ((row.reach, row.total),) = rows(_BEGIN, span(row))


def next_window(row: Backtest, *, limit: int) -> Window:
    """Return the next members, who have about so many purchases and events together: each is whole in its chunk."""
    after = row.reached or _NOBODY
    found = rows_in_order(_UNTIL, span(row) | {"after": after, "limit": limit})
    return Window(after, found[0][0] if found else _LAST, bool(found))


def span(row: Backtest) -> dict[str, Any]:
    """Return what statements are told of a backtest."""
    return {
        "programme": row.programme_id, "starts_at": row.starts_at, "ends_at": row.ends_at, "reach": row.reach
    }  # fmt: skip


def of_chunk(row: Backtest, window: Window) -> dict[str, Any]:
    """Return what statements are told of a chunk."""
    return span(row) | {"after": window.after, "until": window.until}
