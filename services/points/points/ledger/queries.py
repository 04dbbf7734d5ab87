"""Reads of the ledger."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from points.ledger import holds, models, pending
from points.ledger.errors import HoldNotFound, PendingNotFound
from points.ledger.extensions import end_before
from points.ledger.rules.due import came_free
from points.ledger.rules.holds import captured_lots
from points.ledger.rules.owners import is_of_purchase, voucher_paid_by
from points.ledger.rules.values import (
    BUCKETS,
    Change,
    Expiring,
    Hold,
    Lot,
    Pending,
    PendingState,
    Posted,
    Take,
)
from points.programmes.queries import end_of_lot_in
from shared.db import Prepared, array, named, rows, text_array
from shared.ids import first_id_of

_SUMMARY = (
    "t.id, t.kind, a.programme_id, a.member_id, t.points, t.change, t.balance_after, t.reference, t.reason,"
    " t.occurred_at, t.posted_at"
)
_FIELDS = [name.split(".")[1] for name in _SUMMARY.replace(" ", "").split(",")]


# Each key is looked up by itself: a join, planned while there were few transactions, looks for each in the list.
_BY_SOURCE_KEY = Prepared(
    "ledger_known",
    f"SELECT t.source_key, {_SUMMARY} FROM unnest(%(keys)s::text[]) AS k (source_key) CROSS JOIN LATERAL"
    " (SELECT * FROM points_transaction t WHERE t.source_key = k.source_key OFFSET 0) t"
    " CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id OFFSET 0) a",
)


def by_source_key(keys: Collection[str]) -> dict[str, Posted]:
    """Return the transactions that these causes had before, without their entries."""
    if not keys:
        return {}
    found = _BY_SOURCE_KEY.rows({"keys": text_array(keys)})
    return {row[0]: Posted(**dict(zip(_FIELDS, row[1:], strict=True)), is_repeated=True) for row in found}


def _account(programme_id: UUID, member_id: UUID) -> QuerySet[models.Account, tuple[int]]:
    """Return the one account that a list is of, to be looked up first: joined to it, all rows might be read in the
    list's order until those of the account come."""
    return models.Account.objects.filter(programme_id=programme_id, member_id=member_id).values_list("id")[:1]


def transactions_of(*, programme_id: UUID, member_id: UUID, **filters: Any) -> QuerySet[models.Transaction]:
    """Return a member's transactions in one programme, for lists (`-version` is their order)."""
    return models.Transaction.objects.filter(account_id=_account(programme_id, member_id), **filters)


# An id is made a moment after the instant that its posting has, and by no job a day after it; clocks may be put back.
_BEFORE, _AFTER = timedelta(minutes=1), timedelta(days=1)
# Lists of everybody's rows are read along their ids. They say what is open in other words than the indexes of what is
# open do, or a planner that believes there is little of it would read and sort all of that.
M = TypeVar("M", models.Transaction, models.Lot, models.PendingPoints)


def all_transactions(
    *, programme_id: UUID | None = None, since: datetime | None = None, until: datetime | None = None, kind: str = ""
) -> QuerySet[models.Transaction]:
    """Return everybody's transactions, of one programme where it is named, for lists (`-id` is their order)."""
    found = _of_programme(models.Transaction.objects.all(), programme_id)
    if since:
        found = found.filter(posted_at__gte=since, id__gte=first_id_of(since - _BEFORE))
    if until:
        found = found.filter(posted_at__lt=until, id__lt=first_id_of(until + _AFTER))
    return found.filter(kind=kind) if kind else found


def _of_programme(found: QuerySet[M], programme_id: UUID | None) -> QuerySet[M]:
    """Narrow a list to one programme, whose rows are not looked for: each row's account is asked where it belongs."""
    if programme_id is None:
        return found
    account = models.Account.objects.filter(id=OuterRef("account_id")).values("programme_id")
    return found.alias(of_programme=Subquery(account)).filter(of_programme=programme_id)


def accounts_of(lots: Sequence[models.Lot]) -> dict[int, models.Account]:
    """Return the accounts of these lots by their ids."""
    return models.Account.objects.in_bulk({lot.account_id for lot in lots})


def lots_of(*, programme_id: UUID, member_id: UUID, at: datetime) -> QuerySet[models.Lot]:
    """Return a member's lots with points that can be spent, for lists (`number` is their order)."""
    return _not_ended(models.Lot.objects.filter(account_id=_account(programme_id, member_id), is_open=True), at)


def all_lots(*, programme_id: UUID | None = None, at: datetime) -> QuerySet[models.Lot]:
    """Return everybody's lots with points that can be spent, for lists (`-id` is their order)."""
    return _not_ended(_of_programme(models.Lot.objects.filter(remaining__gt=0), programme_id), at)


def _not_ended(found: QuerySet[models.Lot], at: datetime) -> QuerySet[models.Lot]:
    return found.filter(Q(expires_at__gt=at) | Q(expires_at=None))


def transaction(transaction_id: UUID) -> Posted | None:
    """Return a transaction with its entries and lots."""
    found = with_details([transaction_id])
    return found[0] if found else None


# An account's transaction has at most one entry for each bucket, and `version` numbers its last.
_ENTRIES = f"""
SELECT t.id, e.bucket, e.points, e.balance_after FROM {named("points_transaction")} t CROSS JOIN LATERAL (
    SELECT * FROM entry e WHERE e.account_id = t.account_id AND e.version > t.version - {len(BUCKETS)}
        AND e.version <= t.version AND e.transaction_id = t.id OFFSET 0) e
ORDER BY t.id, e.version
"""
_LOTS = f"""
SELECT id, id, points, expires_at, expires_on, number FROM {named("lot")} lot WHERE opened_by_id IS NULL
UNION ALL
SELECT opened_by_id, id, points, expires_at, expires_on, number FROM {named("lot", "opened_by_id")} lot
UNION ALL
SELECT x.transaction_id, l.id, -x.points, l.expires_at, l.expires_on, l.number
FROM {named("allocation", "transaction_id")} x
CROSS JOIN LATERAL (SELECT * FROM lot l WHERE l.id = x.lot_id OFFSET 0) l
ORDER BY expires_at, number
"""

_SUMMARIES = f"""
SELECT {_SUMMARY} FROM {named("points_transaction")} t
CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id OFFSET 0) a
"""


def with_details(transaction_ids: Sequence[UUID]) -> list[Posted]:
    """Return these transactions, in this order, with their entries and lots, in three statements for any number."""
    ids = {"ids": array(transaction_ids)}
    entries: dict[UUID, list[Change]] = defaultdict(list)
    lots: dict[UUID, list[Take]] = defaultdict(list)
    for transaction_id, *change in rows(_ENTRIES, ids):
        entries[transaction_id].append(Change(*change))
    for transaction_id, *take, _ in rows(_LOTS, ids):
        lots[transaction_id].append(Take(*take))
    summaries = rows(_SUMMARIES, ids)
    found = {
        row[0]: Posted(**dict(zip(_FIELDS, row, strict=True)), entries=tuple(entries[row[0]]), lots=tuple(lots[row[0]]))
        for row in summaries
    }
    return [found[transaction_id] for transaction_id in transaction_ids if transaction_id in found]


@dataclass(frozen=True, slots=True)
class Reversible:
    """A transaction with what its reversal must know: the lots it spent from (each with how much), and the voucher
    whose price it is."""

    fact: Posted
    is_purchase: bool
    spent: tuple[Lot, ...]
    voucher_id: UUID | None = None


def reversible(transaction_id: UUID) -> Reversible | None:
    """Return what a reversal must know of a transaction; all of it is append-only, so no lock is needed."""
    found = rows(
        f"SELECT t.source_key, {_SUMMARY}"
        " FROM points_transaction t JOIN account a ON a.id = t.account_id WHERE t.id = %s",
        [transaction_id],
    )
    if not found:
        return None
    key, *summary = found[0]
    fact = Posted(**dict(zip(_FIELDS, summary, strict=True)))
    return Reversible(fact, is_of_purchase(key), _spent(transaction_id), voucher_paid_by(key))


def _spent(transaction_id: UUID) -> tuple[Lot, ...]:
    """Return the lots that paid a transaction, each with how much, in the order in which it took from them; those of a
    capture are its hold's."""
    if captured := rows("SELECT id FROM hold WHERE capture_id = %s", [transaction_id]):
        return captured_lots(holds.read(named=[captured[0][0]])[0])
    spent = rows(
        "SELECT l.id, x.points, l.expires_at, l.number, l.expires_on FROM allocation x JOIN lot l ON l.id = x.lot_id"
        " JOIN points_transaction t ON t.id = x.transaction_id WHERE x.transaction_id = %s AND x.points > 0"
        f" ORDER BY {end_before('t.version')}, l.number, l.id",
        [transaction_id],
    )
    return tuple(Lot(*row) for row in spent)


def purchase_paid_by(redemption_id: UUID) -> UUID | None:
    """Return the purchase that a redemption paid for."""
    found = rows("SELECT payment_id FROM purchase_spend WHERE redemption_id = %s", [redemption_id])
    return found[0][0] if found else None


class Redemption(NamedTuple):
    """A transaction that is to pay for a purchase, and what is known against it."""

    id: UUID
    kind: str
    points: int
    is_reversed: bool
    is_used: bool
    voucher_id: UUID | None


def redemptions(ids: Sequence[UUID], *, programme_id: UUID, member_id: UUID) -> list[Redemption]:
    """Return those of these transactions that are the member's, in the order of their posting."""
    found = rows(
        "SELECT t.id, t.kind, t.points, EXISTS (SELECT FROM points_transaction r WHERE r.reverses_id = t.id),"
        " EXISTS (SELECT FROM purchase_spend s WHERE s.redemption_id = t.id), t.source_key"
        " FROM points_transaction t JOIN account a ON a.id = t.account_id"
        " WHERE t.id = ANY(%s::uuid[]) AND a.programme_id = %s AND a.member_id = %s ORDER BY t.version",
        [array(ids), programme_id, member_id],
    )
    return [Redemption._make([*fields, voucher_paid_by(key)]) for *fields, key in found]


def known_hold(hold_id: UUID) -> Hold:
    """Return a hold with the lots it took from.

    :raises HoldNotFound: there is none.
    """
    if not (found := holds.read(named=[hold_id])):
        raise HoldNotFound()
    return found[0]


def known_pending(pending_id: UUID) -> Pending:
    """Return points that are or were pending.

    :raises PendingNotFound: there are none.
    """
    if not (found := pending.read(named=[pending_id])):
        raise PendingNotFound()
    return found[0]


def pending_of(*, programme_id: UUID, member_id: UUID, state: str, at: datetime) -> QuerySet[models.PendingPoints]:
    """Return a member's pending points in a state, for lists (`id` is their order); due ones count as closed."""
    return _in_state(models.PendingPoints.objects.filter(account_id=_account(programme_id, member_id)), state, at)


def all_pending(*, programme_id: UUID | None = None, state: str, at: datetime) -> QuerySet[models.PendingPoints]:
    """Return everybody's pending points in a state, for lists (`-id` is their order); due ones count as closed."""
    found = _of_programme(models.PendingPoints.objects.all(), programme_id)
    if state == PendingState.PENDING:
        return found.filter(closed_at=None, due_at__gt=at)  # as below, see `M`
    return _in_state(found, state, at)


def _in_state(found: QuerySet[models.PendingPoints], state: str, at: datetime) -> QuerySet[models.PendingPoints]:
    if state == PendingState.PENDING:
        return found.filter(state=state, due_at__gt=at)
    due = Q(state=PendingState.PENDING, due_at__lte=at)
    waited = Q(on_event="") if state == PendingState.ACTIVATED else ~Q(on_event="")
    return found.filter(Q(state=state) | due & waited)


class DueLot(NamedTuple):
    """A lot whose time has passed, and whose it is; `version` is its account's."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    expires_at: datetime
    version: int
    remaining: int
    number: int
    expires_on: date | None


_DUE = (
    "SELECT l.id, a.programme_id, a.member_id, l.expires_at, a.version, l.remaining, l.number, l.expires_on"
    " FROM lot l CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = l.account_id OFFSET 0) a"
    " WHERE l.is_open AND l.expires_at <= %s"
)


def lots_due(
    *, as_of: datetime, limit: int, programme_id: UUID | None = None, after: tuple[datetime, UUID] | None = None
) -> list[DueLot]:
    """Return open lots whose time has passed (of one programme, where it is named), those first that ended first.

    Where a lot's end and id are given, those that come after it.
    """
    found = rows(
        f"{_DUE}{' AND a.programme_id = %s' if programme_id else ''}"
        f"{' AND (l.expires_at, l.id) > (%s, %s)' if after else ''} ORDER BY l.expires_at, l.id LIMIT %s",
        [as_of, *([programme_id] if programme_id else []), *(after or ()), limit],
    )
    return [DueLot(*row) for row in found]


def count_lots_due(*, as_of: datetime, programme_id: UUID | None = None) -> int:
    """Return how many open lots' time has passed, of one programme, where it is named."""
    counted = "SELECT count(*) FROM lot l WHERE l.is_open AND l.expires_at <= %s"
    values: list[Any] = [as_of]
    if programme_id:
        of_programme = " AND EXISTS (SELECT FROM account a WHERE a.id = l.account_id AND a.programme_id = %s)"
        counted, values = counted + of_programme, [*values, programme_id]
    ((count,),) = rows(counted, values)
    return int(count)


def dead_lots(accounts: Collection[int], *, at: datetime) -> list[DueLot]:
    """Return the open lots of these accounts whose time has passed."""
    found = rows(f"{_DUE} AND a.id = ANY(%s::bigint[]) ORDER BY l.expires_at, l.id", [at, array(list(accounts))])
    return [DueLot(*row) for row in found]


def known_purchases(payment_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these payments were noted."""
    found = rows("SELECT payment_id FROM purchase WHERE payment_id = ANY(%s::uuid[])", [array(list(payment_ids))])
    return {row[0] for row in found}


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's points in one programme at one instant; `available` counts only what can be spent then.

    `expiring` are the open lots that end, by their end; `next_activation` is when pending points will be available
    next, and how many. `merged_into` is whose the points are now, where the member was merged.
    """

    member_id: UUID
    programme: UUID
    available: int
    held: int
    pending: int
    deficit: int
    expiring: tuple[Expiring, ...]
    as_of: datetime
    next_activation: tuple[datetime, int] | None = None
    merged_into: UUID | None = None


# Lots whose time has passed are not available, whether or not the nightly job has run.
_BALANCE = """
SELECT a.id, a.available, a.held, a.pending, a.deficit, a.merged_into, l.expires_at, l.expires_on, l.points
FROM account a LEFT JOIN LATERAL (
    SELECT expires_at, expires_on, sum(remaining)::bigint AS points FROM lot
    WHERE account_id = a.id AND is_open AND expires_at IS NOT NULL GROUP BY expires_at, expires_on
) l ON true WHERE a.member_id = %s AND a.programme_id = %s
"""


def in_order(ends: Mapping[tuple[datetime, date | None], int]) -> list[Expiring]:
    """Return points by their ends in the order of these."""
    return sorted((Expiring(at, points, on) for (at, on), points in ends.items()), key=lambda end: end.expires_at)


def balance(*, programme_id: UUID, member_id: UUID, at: datetime) -> Balance:
    """Return a member's balance; all zero for one who never had a point.

    It counts what is due as the next posting will find it: holds that are over as free, pending points as available.
    """
    found = rows(_BALANCE, [member_id, programme_id])
    account_id, available, held, waiting, deficit, merged_into = found[0][:6] if found else (0, 0, 0, 0, 0, None)
    ends = Counter({row[6:8]: row[8] for row in found if row[6]})
    overdue = holds.read(accounts=[account_id], at=at) if held else []
    due = pending.read(accounts=[account_id], at=at) if waiting else []
    paid, back = came_free(overdue, due, owed=-deficit, end_of_lot=end_of_lot_in)
    for lot in back:
        if lot.expires_at:
            ends[lot.expires_at, lot.expires_on] += lot.remaining
    available, deficit = available + sum(lot.remaining for lot in back), deficit + paid
    held, waiting = held - sum(one.points for one in overdue), waiting - sum(one.remaining for one in due)
    following = pending.next_activation(account_id, at=at) if waiting else None
    in_their_order = in_order(ends)
    dead = sum(end.points for end in in_their_order if end.expires_at <= at)
    expiring = tuple(end for end in in_their_order if end.expires_at > at)
    buckets = available - dead, held, waiting, deficit
    return Balance(member_id, programme_id, *buckets, expiring, at, following, merged_into)
