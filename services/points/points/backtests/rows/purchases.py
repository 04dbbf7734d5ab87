"""The purchases of a span, with their lines, what rules were told then, and what came back of them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import structs

from points.backtests.models import Backtest
from points.backtests.rows.spans import OF_CHUNK, SEEN, Window, of_chunk, span
from points.backtests.rules import Bought
from points.purchases.rules.purchases import LineReturn, Purchase, PurchaseLine, Refund
from shared.db import Row, array, rows, rows_in_order

# As `_Line` reads it: with what rules gave and returns took, which is not of these rules.
_LINES = """SELECT json_agg(json_build_array(l.line_id, l.sku, l.category, l.brand, l.quantity, l.amount, 0, 0, 0, 0,
    l.metadata) ORDER BY l.line_id) FROM purchase_line l WHERE l.payment_id = p.payment_id"""
# As `_Purchase` reads it: all at once is read several times as fast as each column by itself.
_PURCHASE = f"""json_build_array(p.payment_id, NULL, p.member_id, NULL, p.amount, p.points, 0, 0, p.reference,
    p.merchant_id, p.currency, p.money_amount, 0, p.occurred_at, p.no_points_reason, p.channel, p.store, p.metadata,
    p.lines_by, COALESCE(({_LINES}), '[]'))::text"""
_RETURNS = f"""SELECT json_agg(json_build_array(b.refund_id, b.amount, b.points, b.returned_at, b.lines))::text
FROM purchase_return b WHERE b.payment_id = p.payment_id AND {SEEN.format("b")}"""
# What rules of which version were told, and in which order the lines came: ties are the earlier's.
_JUDGED = """SELECT json_build_array(
    r.known, jsonb_path_query_array(r.outcome, '$.lines[*].line_id'), p.rules_version)::text
FROM purchase_rules r WHERE r.payment_id = p.payment_id"""
_READ = f"""
SELECT p.member_id::text, {_PURCHASE}, ({_RETURNS}),
    ({_JUDGED})
FROM purchase p WHERE {OF_CHUNK.format("p")}"""
_EARLIER = f"""
SELECT said.member_id FROM unnest(%(members)s::uuid[]) AS said (member_id) CROSS JOIN LATERAL (
    SELECT FROM purchase p WHERE p.programme_id = %(programme)s::uuid AND p.member_id = said.member_id
        AND p.occurred_at < %(starts_at)s::timestamptz AND {SEEN.format("p")} LIMIT 1) p
"""


class _Line(PurchaseLine, frozen=True, kw_only=True, array_like=True):
    """A line of a purchase, written as a list."""


class _Purchase(Purchase, frozen=True, kw_only=True, array_like=True):
    """A purchase, written as a list."""

    lines: tuple[_Line, ...] = ()


class _Return(NamedTuple):
    refund_id: UUID
    amount: int
    points: int
    returned_at: datetime
    lines: list[LineReturn] | None


_PURCHASE_OF = msgspec.json.Decoder(_Purchase)
_JUDGED_OF = msgspec.json.Decoder(tuple[dict[str, Any], list[str], int])
_RETURNS_OF = msgspec.json.Decoder(list[_Return])


def read(row: Backtest, window: Window) -> list[Row]:
    """Return the purchases of the members of a chunk, those of each together; the member's id as text comes first."""
    return rows_in_order(_READ, of_chunk(row, window))


def who_bought_earlier(row: Backtest, members: Collection[UUID]) -> set[UUID]:
    """Return which of these members bought something in the programme before the span."""
    said = span(row) | {"members": array(list(members))}
    return {member_id for (member_id,) in rows(_EARLIER, said)}


def bought(found: Sequence[Any]) -> Bought:
    """Return a purchase as it is replayed."""
    _, told, returns, judged = found
    purchase = _PURCHASE_OF.decode(told)
    known = None
    if judged:
        known, order, version = _JUDGED_OF.decode(judged)
        purchase = structs.replace(purchase, lines=_in_order(purchase.lines, order), rules_version=version)
    if not returns:
        return Bought(purchase, known, (), 0)
    back = _RETURNS_OF.decode(returns)
    return Bought(purchase, known, tuple(_refunds(purchase.payment_id, back)), sum(one.points for one in back))


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
