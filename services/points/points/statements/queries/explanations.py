"""The provenance of a balance and of a transaction, each in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from points.earning.explanations import Explained
from points.earning.rules import Given
from points.events.explanations import event_of, explain_event, given_by
from points.events.rules.events import Event
from points.ledger import pending
from points.ledger.history import AccountThen, LotThen, account_at, ended
from points.ledger.rules.values import Kind, Pending, Posted
from points.purchases.explanations import explain_purchase
from points.purchases.rows.judgements import taken_by
from points.purchases.rules.purchases import Purchase
from points.statements.queries.provenance import (
    Cause,
    Earned,
    Extended,
    Taken,
    came_from,
    extended_by,
    moved_by_kind,
    purchases_behind,
    taken_from,
)
from shared.db import array, rows

# So many lots are told one by one, earliest expiry first; the others as one sum.
LOTS_SHOWN = 500
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class LotProvenance:
    """A lot: what it came with, what was taken from it, what is left, and why it is there."""

    lot: LotThen
    has_ended: bool
    came_from: Cause | None
    purchase: Earned | None
    taken: tuple[Taken, ...]
    extended: tuple[Extended, ...]


@dataclass(frozen=True, slots=True)
class BalanceProvenance:
    """A balance and what makes it: sums by kind, and lots, both of which add up to the bucket `available`."""

    account: AccountThen
    ended: int
    kinds: tuple[tuple[str, int, int], ...]
    lots: tuple[LotProvenance, ...]
    other_lots: int
    other_points: int


@dataclass(frozen=True, slots=True)
class TransactionProvenance:
    """A transaction, the lots it opened, took from or gave back to, what became of these, and what it left pending."""

    fact: Posted
    purchase: Earned | None
    event: Event | None
    by_rules: Explained | None
    taken_back: Sequence[Given] | None
    reverses: UUID | None
    reversed_by: UUID | None
    pending: Pending | None
    lots: tuple[LotProvenance, ...]


def explain_balance(*, programme_id: UUID, member_id: UUID, at: datetime) -> BalanceProvenance:
    """Return the provenance of a member's balance at an instant."""
    account = account_at(programme_id=programme_id, member_id=member_id, at=at)
    shown, others = account.lots[:LOTS_SHOWN], account.lots[LOTS_SHOWN:]
    return BalanceProvenance(
        account=account,
        ended=sum(lot.remaining for lot in ended(account.lots, at=at)),
        kinds=tuple(moved_by_kind(account.id, until=account.version)),
        lots=_provenance_of(shown, account.id, until=account.version, at=at),
        other_lots=len(others),
        other_points=sum(lot.remaining for lot in others),
    )


_BESIDE = """
SELECT t.account_id, t.source_key, t.reverses_id, (SELECT r.id FROM points_transaction r WHERE r.reverses_id = t.id)
FROM points_transaction t WHERE t.id = %s
"""
_LOTS = """
SELECT id, number, points, remaining, active_from, expires_at, expires_on FROM lot WHERE id = ANY(%s::uuid[])
ORDER BY expires_at, number
"""


def explain_transaction(fact: Posted, *, at: datetime) -> TransactionProvenance:
    """Return the provenance of a transaction until now."""
    account_id, source_key, reverses, reversed_by = rows(_BESIDE, [fact.id])[0]
    lots = tuple(LotThen(*row) for row in rows(_LOTS, [array([part.lot_id for part in fact.lots])]))
    purchase, event = purchases_behind([fact.id]).get(fact.id), event_of(source_key)
    return TransactionProvenance(
        fact=fact,
        purchase=purchase,
        event=event,
        by_rules=_by_rules(purchase, event),
        taken_back=_taken_back(fact.kind, source_key, reverses),
        reverses=reverses,
        reversed_by=reversed_by,
        pending=pending.behind(fact.id),
        lots=_provenance_of(lots, account_id, until=_NEWEST, at=at),
    )


@dataclass(frozen=True, slots=True)
class EarningProvenance:
    """Why a purchase or an event earned what it did, or nothing."""

    points: int
    no_points_reason: str | None
    purchase: Earned | None
    event: Event | None
    by_rules: Explained | None


def purchase_provenance(found: Purchase) -> EarningProvenance:
    """Return why a purchase earned what it did; one of a payment that no programme looked at has no terms."""
    of = found.transaction_id, found.payment_id, found.amount, found.points, found.returned, found.points_returned
    earned = Earned(*of, found.rules_version, found.budget, found.cut) if found.programme_id else None
    by_rules = _by_rules(earned, None)
    return EarningProvenance(found.points, found.no_points_reason, earned, None, by_rules)


def event_provenance(found: Event) -> EarningProvenance:
    """Return why an event earned what it did."""
    return EarningProvenance(found.points, found.no_points_reason, None, found, explain_event(found))


def _by_rules(purchase: Earned | None, event: Event | None) -> Explained | None:
    if event:
        return explain_event(event)
    return explain_purchase(purchase.payment_id) if purchase and purchase.rules_version else None


def _taken_back(kind: str, source_key: str | None, reverses: UUID | None) -> Sequence[Given] | None:
    """Return what a return, or the reversal of an event, took back of which rule, in all its transactions."""
    if reverses:
        ((earning_key,),) = rows("SELECT source_key FROM points_transaction WHERE id = %s", [reverses])
        event = event_of(earning_key)
        return given_by(event) if event else None
    if kind != Kind.RETURNED or source_key is None:
        return None
    taken = taken_by(UUID(source_key.split(":")[1]))
    return taken.given if taken else None


def _provenance_of(
    lots: tuple[LotThen, ...], account_id: int, *, until: int, at: datetime
) -> tuple[LotProvenance, ...]:
    if not lots:
        return ()
    ids, dead = [lot.id for lot in lots], {lot.id for lot in ended(lots, at=at)}
    causes = came_from(ids)
    # Pending points of a purchase become a lot with the id of its earning.
    purchases = purchases_behind([*ids, *(cause.transaction_id for cause in causes.values())])
    taken = taken_from(ids, account_id=account_id, after=min(lot.number for lot in lots), until=until)
    extended = extended_by(ids, until=until)
    return tuple(
        LotProvenance(
            lot=lot,
            has_ended=lot.id in dead,
            came_from=(cause := causes.get(lot.id)),
            purchase=purchases.get(lot.id) or (purchases.get(cause.transaction_id) if cause else None),
            taken=tuple(taken.get(lot.id, ())),
            extended=tuple(extended.get(lot.id, ())),
        )
        for lot in lots
    )
