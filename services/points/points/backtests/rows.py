"""The rows that backtests read: a programme's purchases of a span, member by member, and what came back of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from points.backtests.models import Backtest
from points.backtests.rules import Bought
from points.purchases.rules.purchases import LineReturn, Purchase, PurchaseLine, Refund
from shared.db import Row, array, rows, rows_in_order

# What the first chunk saw. Who wrote is not known of what is older than the column.
_SEEN = "({0}.xid IS NULL OR pg_visible_in_snapshot({0}.xid, %(reach)s::pg_snapshot))"
_OF_SPAN = """p.programme_id = %(programme)s::uuid AND p.occurred_at >= %(starts_at)s::timestamptz
    AND p.occurred_at < %(ends_at)s::timestamptz"""
_BEGIN = f"SELECT pg_current_snapshot()::text, (SELECT count(*) FROM purchase p WHERE {_OF_SPAN})"
# As `_Line` reads it: with what rules gave and returns took, which is not of these rules.
_LINES = """SELECT json_agg(json_build_array(l.line_id, l.sku, l.category, l.brand, l.quantity, l.amount, 0, 0, 0, 0,
    l.metadata))::text
FROM (SELECT * FROM purchase_line l WHERE l.payment_id = p.payment_id ORDER BY l.line_id) l"""
_RETURNS = f"""SELECT json_agg(json_build_array(b.refund_id, b.amount, b.points, b.returned_at, b.lines))::text
FROM purchase_return b WHERE b.payment_id = p.payment_id AND {_SEEN.format("b")}"""
# What rules were told, and in which order the lines came: ties are the earlier's.
_JUDGED = """SELECT json_build_array(r.known, jsonb_path_query_array(r.outcome, '$.lines[*].line_id'))::text
FROM purchase_rules r WHERE r.payment_id = p.payment_id"""
_COLUMNS = (
    "payment_id", "member_id", "amount", "points", "reference", "merchant_id", "currency", "money_amount",
    "occurred_at", "no_points_reason", "channel", "store", "lines_by", "metadata",
)  # fmt: skip
_READ = f"""
SELECT {", ".join(f"p.{name}" for name in _COLUMNS)}, ({_LINES}), ({_RETURNS}),
    ({_JUDGED})
FROM purchase p WHERE {_OF_SPAN} AND {_SEEN.format("p")}"""
_NEXT = f"{_READ} AND p.member_id > %(after)s::uuid ORDER BY p.member_id, p.occurred_at LIMIT %(limit)s"
_WHOLE = f"{_READ} AND p.member_id = %(member)s::uuid"
_EARLIER = f"""
SELECT said.member_id FROM unnest(%(members)s::uuid[]) AS said (member_id) CROSS JOIN LATERAL (
    SELECT FROM purchase p WHERE p.programme_id = %(programme)s::uuid AND p.member_id = said.member_id
        AND p.occurred_at < %(starts_at)s::timestamptz AND {_SEEN.format("p")} LIMIT 1) p
"""
_MEMBER = itemgetter(_COLUMNS.index("member_id"))
_NOBODY = UUID(int=0)


class _Line(PurchaseLine, frozen=True, kw_only=True, array_like=True):
    """A line of a purchase, written as a list."""


class _Return(NamedTuple):
    refund_id: UUID
    amount: int
    points: int
    returned_at: datetime
    lines: list[LineReturn] | None


_LINES_OF = msgspec.json.Decoder(tuple[_Line, ...])
_JUDGED_OF = msgspec.json.Decoder(tuple[dict[str, Any], list[str]])
_RETURNS_OF = msgspec.json.Decoder(list[_Return])


def begin(row: Backtest) -> None:
    """Note up to where a backtest reads, and how many purchases that are: what one snapshot sees."""
    ((row.reach, row.total),) = rows(_BEGIN, _span(row))


def next_purchases(row: Backtest, *, limit: int) -> tuple[list[Row], bool]:
    """Return the purchases of the members behind the one that a backtest has reached, of each all, about so many of
    them together; and whether there are more."""
    said = _span(row) | {"reach": row.reach}
    found = rows_in_order(_NEXT, said | {"after": row.reached or _NOBODY, "limit": limit})
    if is_more := len(found) == limit:
        last = _MEMBER(found[-1])
        found = [one for one in found if _MEMBER(one) != last] + rows(_WHOLE, said | {"member": last})
    return found, is_more


def members_of(found: Sequence[Row]) -> list[UUID]:
    """Return whose purchases these are, in their order."""
    return list(dict.fromkeys(map(_MEMBER, found)))


def by_member(found: Sequence[Row]) -> Iterator[tuple[UUID, list[Bought]]]:
    """Yield the purchases of each member."""
    for member_id, those in groupby(found, key=_MEMBER):
        yield member_id, [_bought(one) for one in those]


def who_bought_earlier(row: Backtest, members: Collection[UUID]) -> set[UUID]:
    """Return which of these members bought something in the programme before the span."""
    said = _span(row) | {"reach": row.reach, "members": array(list(members))}
    return {member_id for (member_id,) in rows(_EARLIER, said)}


def _span(row: Backtest) -> dict[str, Any]:
    return {"programme": row.programme_id, "starts_at": row.starts_at, "ends_at": row.ends_at}


def _bought(found: Sequence[Any]) -> Bought:
    *plain, metadata, lines, returns, judged = found
    known, order = _JUDGED_OF.decode(judged) if judged else (None, ())
    said: Mapping[str, Any] = dict(zip(_COLUMNS, plain, strict=False))
    purchase = Purchase(
        programme_id=None,
        transaction_id=None,
        metadata=msgspec.json.decode(metadata),
        lines=_in_order(_LINES_OF.decode(lines) if lines else (), order),
        **said,
    )
    back = _RETURNS_OF.decode(returns) if returns else []
    refunds = tuple(_refunds(purchase.payment_id, back))
    return Bought(purchase, known, refunds, sum(one.points for one in back))


def _in_order(lines: tuple[_Line, ...], order: Sequence[str]) -> tuple[_Line, ...]:
    if len(order) < 2:
        return lines
    found = {line.line_id: line for line in lines}
    return tuple(found[line_id] for line_id in order)


def _refunds(payment_id: UUID, back: Sequence[_Return]) -> Iterator[Refund]:
    for one in back:
        yield Refund(
            refund_id=one.refund_id,
            payment_id=payment_id,
            amount=one.amount,
            refunded_at=one.returned_at,
            lines=tuple(one.lines or ()),
        )
