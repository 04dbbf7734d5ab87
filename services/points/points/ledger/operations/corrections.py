"""What people correct."""

from datetime import datetime
from uuid import UUID

from points.ledger import pending, queries
from points.ledger.errors import AlreadyReversed, NotReversible, PaysPurchase, PaysVoucher, TransactionNotFound
from points.ledger.locks import lock_account, lock_members
from points.ledger.merges import aliases
from points.ledger.posting import Outcome, post
from points.ledger.rules.holds import expiries
from points.ledger.rules.merges import passed_on
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
    :raises NotReversible: it is of a kind that is not undone, or of a purchase or an event, or its points were
        cancelled while they were pending.
    :raises PaysPurchase: it paid for a purchase, whose return gives the points back.
    :raises PaysVoucher: it is the price of a voucher, whose cancellation gives the points back.
    :raises AlreadyReversed: it was undone before.
    """
    with unit_of_work():
        original = queries.reversible(transaction_id)
        if original is None:
            raise TransactionNotFound()
        if original.fact.kind not in _REVERSIBLE or original.is_owned:
            raise NotReversible(kind=original.fact.kind)
        if original.voucher_id:
            raise PaysVoucher(voucher=original.voucher_id)
        return _reverse(original, reason=reason, actor_id=actor_id, at=at)


def undo_voucher_claim(voucher_id: UUID, *, actor_id: UUID, at: datetime) -> Posted:
    """Give the price of a voucher back to the lots it came from; joins the transaction that is open.

    Of a member who was merged the points go on to whose they are now, with their ends.

    :raises AlreadyReversed: that was done before.
    :raises MemberMerged: the member was merged at the same moment.
    :raises BalanceTooLarge: the account would leave the range that the ledger can count.
    """
    key = voucher_claim_key(voucher_id)
    with unit_of_work():
        original = queries.reversible(queries.by_source_key([key])[key].id)
        assert original
        owner = original.fact.member_id
        into = aliases([owner]).get(owner)
        if into:
            lock_members([owner, into])
        return _reverse(original, into=into, reason="voucher cancelled", actor_id=actor_id, at=at)


def _reverse(
    original: queries.Reversible, *, into: UUID | None = None, reason: str, actor_id: UUID, at: datetime
) -> Posted:
    # The lock that whoever lets a redemption pay for a purchase, or closes pending points, takes too.
    lock_account(programme_id=original.fact.programme_id, member_id=original.fact.member_id)
    _refuse_what_paid(original.fact)
    _refuse_what_never_came(original.fact, at)
    reversal = _reversal(original, is_passed_on=into is not None, reason=reason, actor_id=actor_id)
    ends = expiries(reversal, original.spent, at=at)
    on = passed_on(reversal, original.spent, into=into, at=at) if into else []
    outcome, *others = post([reversal, *ends, *on], at=at)
    fact, *_ = [_not_refused(one) for one in (outcome, *others[len(ends) :])]
    if fact.is_repeated:
        raise AlreadyReversed(reversal=fact.id)
    return fact


def _not_refused(outcome: Outcome) -> Posted:
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _refuse_what_paid(fact: Posted) -> None:
    if purchase_id := queries.purchase_paid_by(fact.id):
        raise PaysPurchase(purchase=purchase_id)


def _refuse_what_never_came(fact: Posted, at: datetime) -> None:
    """Refuse an earning whose points were cancelled while they were pending: taken back again they would be owed."""
    waited = pending.read(named=[fact.id]) if fact.kind == Kind.EARNED else []
    key = reversal_key(fact.id)
    if waited and state_of(waited[0], at=at) == PendingState.CANCELLED and not queries.by_source_key([key]):
        raise NotReversible(kind=fact.kind, state=PendingState.CANCELLED)


def reversal_key(transaction_id: UUID) -> str:
    """Return the key of the reversal of a transaction."""
    return f"reversal:{transaction_id}"


def _reversal(original: queries.Reversible, *, is_passed_on: bool, reason: str, actor_id: UUID) -> Posting:
    fact = original.fact
    return Posting(
        kind=Kind.REVERSED,
        programme_id=fact.programme_id,
        member_id=fact.member_id,
        points=fact.points,
        reference=fact.reference,
        reason=reason,
        source_key=reversal_key(fact.id),
        lots=(fact.id,),
        reverses=Reversed(fact.id, Kind(fact.kind), original.spent, is_passed_on),
        actor_id=actor_id,
    )
