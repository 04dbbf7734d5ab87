"""What purchases earn: those of payments, in lists as the messages come, and those that merchants tell."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from points.ledger import purchases, queries
from points.ledger.errors import (
    BalanceTooLarge,
    CurrencyMismatch,
    PurchaseIdReused,
    RedemptionNotUsable,
    TransactionNotFound,
)
from points.ledger.locks import lock_account
from points.ledger.merges import for_whose_they_are
from points.ledger.operations.engine import post_all, post_one
from points.ledger.operations.unknown_members import check_may_earn
from points.ledger.rules.claims import same_lines
from points.ledger.rules.earnings import terms
from points.ledger.rules.postings import LARGEST_BALANCE
from points.ledger.rules.purchases import NewPurchase, Purchase, Spend, ToldPurchase, earning_amount, with_points
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.errors import ProgrammeClosed
from points.programmes.queries import default_programme_or_none, programme
from points.programmes.rules import Programme, points_for, worth
from shared.db import unit_of_work
from shared.ids import new_id


def earn_purchases(new: Sequence[NewPurchase], *, at: datetime) -> None:
    """Give members the points that their payments earn, and note each payment for its refunds.

    A payment in another currency than the default programme's, or without such a programme, earns
    nothing and is noted too. Repeating a payment does nothing, whatever its programme has become since.

    Who pays has signed in, so a programme that refuses unknown members does not ask here: the word of a registration
    may come after the first payment.

    :raises DomainError: the ledger refuses an earning, so none of the list is kept.
    """
    found = default_programme_or_none()
    with unit_of_work():
        # What the programme says may have changed since a payment was noted.
        noted = queries.known_purchases([purchase.payment_id for purchase in new])
        earned = [(purchase, _points(purchase, found)) for purchase in new if purchase.payment_id not in noted]
        wishes = [_earning(purchase, points, found, at) for purchase, points in earned if points]
        facts = iter(post_all(for_whose_they_are(wishes), at=at))
        purchases.insert([_noted(purchase, points, next(facts) if points else None) for purchase, points in earned])


def record_purchase(told: ToldPurchase, *, programme_id: UUID | None, actor_id: UUID | None, at: datetime) -> Purchase:
    """Note a purchase that a merchant tells by its own reference, and give the points that its money earns.

    Redemptions that paid for it take what they are worth from the money, unless that is said; they pay for no other.
    Telling the same purchase again changes nothing and returns it as it is.

    :raises ProgrammeNotFound: no such programme, or no default one.
    :raises ProgrammeClosed: it gives no more points.
    :raises MemberUnknown: it would earn, and the programme refuses members who never registered.
    :raises CurrencyMismatch: the programme has another currency.
    :raises TransactionNotFound: a redemption is unknown, or another member's.
    :raises RedemptionNotUsable: it is none, was reversed, or pays for another purchase or a voucher.
    :raises BalanceTooLarge: it would earn more than the ledger can count.
    :raises PurchaseIdReused: the merchant told another purchase by this reference.
    """
    found = programme(programme_id)
    if found.currency != told.currency:
        raise CurrencyMismatch(currency=found.currency)
    with unit_of_work():
        made = _told(told, found)
        if not purchases.insert([made]):
            return _same_or_refuse(made, told)
        if found.status != "active":
            raise ProgrammeClosed()
        if made.transaction_id:
            check_may_earn(found, made.member_id)
            post_one(_told_earning(made, made.transaction_id, found, actor_id, at), at=at)
        _pay_by(made)
    return made


def _points(purchase: NewPurchase, found: Programme | None) -> int:
    if found is None or found.status != "active" or found.currency != purchase.currency:
        return 0
    return points_for(found, amount=purchase.money_amount)


def _earning(purchase: NewPurchase, points: int, found: Programme | None, at: datetime) -> Posting:
    assert found
    return Posting(
        kind=Kind.EARNED,
        programme_id=found.id,
        member_id=purchase.member_id,
        points=points,
        reference=f"payment:{purchase.payment_id}",
        reason="purchase",
        source_key=f"payment:{purchase.payment_id}:earn",
        occurred_at=purchase.captured_at,
        correlation_id=purchase.correlation_id,
        causation_id=purchase.causation_id,
        **terms(found, earned_at=purchase.captured_at, at=at),
    )


def _noted(purchase: NewPurchase, points: int, fact: Posted | None) -> Purchase:
    return Purchase(
        payment_id=purchase.payment_id,
        programme_id=fact.programme_id if fact else None,
        member_id=purchase.member_id,
        transaction_id=fact.id if fact else None,
        amount=purchase.amount,
        points=points,
        currency=purchase.currency,
        money_amount=purchase.money_amount,
        occurred_at=purchase.captured_at,
        lines=with_points(purchase.lines, points),
    )


def _told(told: ToldPurchase, found: Programme) -> Purchase:
    spends = _spends(told, found)
    spent = sum(spend.points for spend in spends)
    money = max(0, told.amount - worth(found, points=spent)) if told.money_amount is None else told.money_amount
    if (points := points_for(found, amount=min(money, earning_amount(told)))) > LARGEST_BALANCE:
        raise BalanceTooLarge()
    return Purchase(
        payment_id=new_id(),
        programme_id=found.id,
        member_id=told.member_id,
        transaction_id=new_id() if points else None,
        amount=told.amount,
        points=points,
        reference=told.reference,
        merchant_id=told.merchant_id,
        currency=told.currency,
        money_amount=money,
        spent=spent,
        occurred_at=told.occurred_at,
        lines=with_points(told.lines, points),
        spends=spends,
    )


def _told_earning(
    made: Purchase, transaction_id: UUID, found: Programme, actor_id: UUID | None, at: datetime
) -> Posting:
    assert made.occurred_at
    return Posting(
        id=transaction_id,
        kind=Kind.EARNED,
        programme_id=found.id,
        member_id=made.member_id,
        points=made.points,
        reference=f"purchase:{made.payment_id}",
        reason="purchase",
        source_key=f"purchase:{made.payment_id}:earn",
        occurred_at=made.occurred_at,
        actor_id=actor_id,
        **terms(found, earned_at=made.occurred_at, at=at),
    )


def _spends(told: ToldPurchase, found: Programme) -> tuple[Spend, ...]:
    if not told.redemption_ids:
        return ()
    known = queries.redemptions(told.redemption_ids, programme_id=found.id, member_id=told.member_id)
    if len(known) < len(told.redemption_ids):
        raise TransactionNotFound()
    for one in known:
        if one.kind != Kind.REDEEMED:
            raise RedemptionNotUsable(redemption_id=one.id, reason="not_a_redemption")
        if one.voucher_id:
            raise RedemptionNotUsable(redemption_id=one.id, reason="pays_voucher")
    return tuple(Spend(redemption_id=one.id, points=one.points) for one in known)


def _pay_by(made: Purchase) -> None:
    """Let redemptions pay for a purchase; under their account's lock, so that none is reversed meanwhile."""
    if not made.spends or made.programme_id is None:
        return
    lock_account(programme_id=made.programme_id, member_id=made.member_id)
    ids = [spend.redemption_id for spend in made.spends]
    for one in queries.redemptions(ids, programme_id=made.programme_id, member_id=made.member_id):
        if one.is_reversed or one.is_used:
            raise RedemptionNotUsable(redemption_id=one.id, reason="reversed" if one.is_reversed else "used")
    purchases.insert_spends(made)


def _same_or_refuse(made: Purchase, told: ToldPurchase) -> Purchase:
    assert made.programme_id
    assert made.reference
    before = purchases.told_before(
        programme_id=made.programme_id, merchant_id=made.merchant_id, reference=made.reference
    )
    # Where it is not said, it is what the programme made of it then.
    is_same_money = told.money_amount in (None, before.money_amount)
    if _what(before) != _what(made) or not is_same_money or not same_lines(before, made.lines):
        raise PurchaseIdReused()
    return before


def _what(purchase: Purchase) -> tuple[object, ...]:
    """Return what makes a purchase that is told again the same one."""
    paid_by = frozenset(spend.redemption_id for spend in purchase.spends)
    return purchase.member_id, purchase.amount, purchase.currency, paid_by
