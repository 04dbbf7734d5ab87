"""Reads of purchases, and of what is to pay for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.earning.counters import PERSONS
from points.ledger.rules.owners import voucher_paid_by
from shared.db import array, rows


class Redemption(NamedTuple):
    """A transaction that is to pay for a purchase, and what is known against it."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    kind: str
    points: int
    is_reversed: bool
    is_used: bool
    voucher_id: UUID | None


def redemptions(ids: Sequence[UUID]) -> list[Redemption]:
    """Return these transactions, each account's in the order of their posting."""
    if not ids:
        return []
    found = rows(
        "SELECT t.id, a.programme_id, a.member_id, t.kind, t.points,"
        " EXISTS (SELECT FROM points_transaction r WHERE r.reverses_id = t.id),"
        " EXISTS (SELECT FROM purchase_spend s WHERE s.redemption_id = t.id), t.source_key"
        " FROM points_transaction t JOIN account a ON a.id = t.account_id"
        " WHERE t.id = ANY(%s::uuid[]) ORDER BY t.version",
        [array(ids)],
    )
    return [Redemption._make([*fields, voucher_paid_by(key)]) for *fields, key in found]


def known_purchases(payment_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these payments were noted."""
    found = rows("SELECT payment_id FROM purchase WHERE payment_id = ANY(%s::uuid[])", [array(list(payment_ids))])
    return {row[0] for row in found}


_BOUGHT = f"""
{PERSONS} SELECT DISTINCT now FROM person CROSS JOIN LATERAL (
    SELECT FROM purchase p WHERE p.member_id = person.member_id AND p.programme_id = %(programme)s::uuid LIMIT 1) p
"""


def who_bought(member_ids: Collection[UUID], *, programme_id: UUID) -> set[UUID]:
    """Return which of these members bought something in a programme before, whoever they were then."""
    return {row[0] for row in rows(_BOUGHT, {"members": array(list(member_ids)), "programme": programme_id})}


def has_bought(member_ids: Collection[UUID], *, programme_id: UUID, before: datetime) -> bool:
    """Tell whether a purchase of one of these members in a programme was noted that was made before an instant."""
    found = rows(
        "SELECT FROM purchase WHERE member_id = ANY(%s::uuid[]) AND programme_id = %s AND occurred_at < %s LIMIT 1",
        [array(list(member_ids)), programme_id, before],
    )
    return bool(found)
