"""What purchases earn and what refunds take back; both take lists, as the messages come."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import structs

from points.ledger import merges, purchases, queries
from points.ledger.locks import lock_purchases
from points.ledger.operations.engine import Outcome, post
from points.ledger.rules.earnings import terms
from points.ledger.rules.purchases import NewPurchase, Purchase, Refund, claw_back, with_points
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.queries import default_programme_or_none
from points.programmes.rules import Programme, points_for
from shared.db import unit_of_work
from shared.errors import DomainError, TooEarly


def earn_purchases(new: Sequence[NewPurchase], *, at: datetime) -> None:
    """Give members the points that their payments earn, and note each payment for its refunds.

    A payment in another currency than the default programme's, or without such a programme, earns
    nothing and is noted too. Repeating a payment does nothing.

    :raises DomainError: the ledger refuses an earning, so none of the list is kept.
    """
    programme = default_programme_or_none()
    earned = [(purchase, _points(purchase, programme)) for purchase in new]
    with unit_of_work():
        wishes = [_earning(purchase, points, programme, at) for purchase, points in earned if points]
        outcomes = post(_for_whose_they_are(wishes), at=at)
        facts = iter(_none_refused(outcomes))
        purchases.insert([_noted(purchase, points, next(facts) if points else None) for purchase, points in earned])


def claw_back_refunds(refunds: Sequence[Refund], *, at: datetime) -> None:
    """Take back the points that refunded purchases earned, each refund once.

    First from what is still pending of them, then from the lot that they came in, then from other lots; what was
    spent already is owed.

    :raises TooEarly: a purchase is not known yet, so none of the list is kept.
    """
    with unit_of_work():
        known = lock_purchases({refund.payment_id for refund in refunds})
        if missing := {refund.payment_id for refund in refunds} - known.keys():
            raise TooEarly(payments=sorted(str(payment_id) for payment_id in missing))
        done = queries.known_refunds([refund.refund_id for refund in refunds])
        returns: list[tuple[Refund, int]] = []
        postings: list[Posting] = []
        for refund in refunds:
            if refund.refund_id in done:
                continue
            done.add(refund.refund_id)
            points, purchase = claw_back(known[refund.payment_id], refund)
            known[refund.payment_id] = purchase
            returns.append((refund, points))
            postings += [_return(refund, purchase, points)] if points else []
        _none_refused(post(_for_whose_they_are(postings), at=at))
        if returns:
            purchases.write_returns(returns, list(known.values()), at=at)


def _points(purchase: NewPurchase, programme: Programme | None) -> int:
    if programme is None or programme.status != "active" or programme.currency != purchase.currency:
        return 0
    return points_for(programme, amount=purchase.money_amount)


def _earning(purchase: NewPurchase, points: int, programme: Programme | None, at: datetime) -> Posting:
    assert programme
    return Posting(
        kind=Kind.EARNED,
        programme_id=programme.id,
        member_id=purchase.member_id,
        points=points,
        reference=f"payment:{purchase.payment_id}",
        reason="purchase",
        source_key=f"payment:{purchase.payment_id}:earn",
        occurred_at=purchase.captured_at,
        correlation_id=purchase.correlation_id,
        causation_id=purchase.causation_id,
        **terms(programme, earned_at=purchase.captured_at, at=at),
    )


def _noted(purchase: NewPurchase, points: int, fact: Posted | None) -> Purchase:
    return Purchase(
        payment_id=purchase.payment_id,
        programme_id=fact.programme_id if fact else None,
        member_id=purchase.member_id,
        transaction_id=fact.id if fact else None,
        amount=purchase.amount,
        points=points,
        lines=with_points(purchase.lines, points),
    )


def _return(refund: Refund, purchase: Purchase, points: int) -> Posting:
    assert purchase.programme_id
    assert purchase.transaction_id
    return Posting(
        kind=Kind.RETURNED,
        programme_id=purchase.programme_id,
        member_id=purchase.member_id,
        points=points,
        reference=f"refund:{refund.refund_id}",
        reason="refund",
        source_key=f"refund:{refund.refund_id}",
        occurred_at=refund.refunded_at,
        lots=(purchase.transaction_id,),
        correlation_id=refund.correlation_id,
        causation_id=refund.causation_id,
    )


def _for_whose_they_are(postings: Sequence[Posting]) -> list[Posting]:
    """Return postings for those into whom their members were merged, if they were: a payment keeps its old member."""
    now = merges.aliases({posting.member_id for posting in postings}) if postings else {}
    return [structs.replace(one, member_id=now[one.member_id]) if one.member_id in now else one for one in postings]


def _none_refused(outcomes: Iterable[Outcome]) -> list[Posted]:
    facts = []
    for outcome in outcomes:
        if isinstance(outcome, DomainError):
            raise outcome
        facts.append(outcome)
    return facts
