"""What people correct."""

from datetime import datetime
from uuid import UUID

from points.ledger import pending, queries
from points.ledger.errors import AlreadyReversed, NotReversible, PaysPurchase, PaysVoucher, TransactionNotFound
from points.ledger.locks import lock_account
from points.ledger.operations.engine import post
from points.ledger.rules.holds import expiries
from points.ledger.rules.owners import voucher_claim_key
from points.ledger.rules.pending import state_of
from points.ledger.rules.values import Kind, PendingState, Posted, Posting, Reversed
from shared.db import unit_of_work
from shared.errors import DomainError

_REVERSIBLE = (Kind.EARNED, Kind.REDEEMED, Kind.ADJUSTED)


def reverse_transaction(transaction_id: UUID, *, reason: str, actor_id: UUID, at: datetime) -> Posted:
    """Undo a transaction by a new one.

    Points that were given are taken back, and owed where they are spent; points that were spent go back
    to the lots they came from, and those whose time has passed expire at once.

    :raises TransactionNotFound: there is none.
    :raises NotReversible: it is of a kind that is not undone, or a purchase's, or its points were cancelled while they
        were pending.
    :raises PaysPurchase: it paid for a purchase, whose return gives the points back.
    :raises PaysVoucher: it is the price of a voucher, whose cancellation gives the points back.
    :raises AlreadyReversed: it was undone before.
    """
    with unit_of_work():
        original = queries.reversible(transaction_id)
        if original is None:
            raise TransactionNotFound()
        if original.fact.kind not in _REVERSIBLE or original.is_purchase:
            raise NotReversible(kind=original.fact.kind)
        if original.voucher_id:
            raise PaysVoucher(voucher=original.voucher_id)
        return _reverse(original, reason=reason, actor_id=actor_id, at=at)


def undo_voucher_claim(voucher_id: UUID, *, actor_id: UUID, at: datetime) -> Posted:
    """Give the price of a voucher back to the lots it came from; joins the transaction that is open.

    :raises AlreadyReversed: that was done before.
    :raises MemberMerged: the member was merged into another.
    """
    key = voucher_claim_key(voucher_id)
    with unit_of_work():
        original = queries.reversible(queries.by_source_key([key])[key].id)
        assert original
        return _reverse(original, reason="voucher cancelled", actor_id=actor_id, at=at)


def _reverse(original: queries.Reversible, *, reason: str, actor_id: UUID, at: datetime) -> Posted:
    # The lock that whoever lets a redemption pay for a purchase, or closes pending points, takes too.
    lock_account(programme_id=original.fact.programme_id, member_id=original.fact.member_id)
    _refuse_what_paid(original.fact)
    _refuse_what_never_came(original.fact, at)
    reversal = _reversal(original, reason=reason, actor_id=actor_id)
    outcome = post([reversal, *expiries(reversal, original.spent, at=at)], at=at)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    if outcome.is_repeated:
        raise AlreadyReversed(reversal=outcome.id)
    return outcome


def _refuse_what_paid(fact: Posted) -> None:
    if purchase_id := queries.purchase_paid_by(fact.id):
        raise PaysPurchase(purchase=purchase_id)


def _refuse_what_never_came(fact: Posted, at: datetime) -> None:
    """Refuse an earning whose points were cancelled while they were pending: taken back again they would be owed."""
    waited = pending.read(named=[fact.id]) if fact.kind == Kind.EARNED else []
    if waited and state_of(waited[0], at=at) == PendingState.CANCELLED and not queries.by_source_key([_key(fact)]):
        raise NotReversible(kind=fact.kind, state=PendingState.CANCELLED)


def _key(fact: Posted) -> str:
    return f"reversal:{fact.id}"


def _reversal(original: queries.Reversible, *, reason: str, actor_id: UUID) -> Posting:
    fact = original.fact
    return Posting(
        kind=Kind.REVERSED,
        programme_id=fact.programme_id,
        member_id=fact.member_id,
        points=fact.points,
        reference=fact.reference,
        reason=reason,
        source_key=_key(fact),
        lots=(fact.id,),
        reverses=Reversed(fact.id, Kind(fact.kind), original.spent),
        actor_id=actor_id,
    )
