"""What payments earn, in lists as the messages come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.budgets.queries import counts_plain_terms
from points.earning.queries import ActiveRules, rules_at
from points.earning.rules.postings import Earning
from points.ledger.merges import aliases
from points.ledger.posting import post_all
from points.ledger.rules.values import Kind, Posted, Posting
from points.members.queries import staff_among
from points.programmes.queries import default_programme_or_none
from points.programmes.rules import Programme, points_for
from points.purchases import queries
from points.purchases.operations.following import is_taken, tell_bought
from points.purchases.operations.judging import Judge, judge_of, keep
from points.purchases.rows import earned_orders, purchases
from points.purchases.rules.bounds import NoPoints, earned_by_payment, is_noted, is_too_much, refused_payment
from points.purchases.rules.by_rules import earning_key, earnings_of
from points.purchases.rules.lines import merged_lines, with_points
from points.purchases.rules.purchases import NewPurchase, Purchase
from shared.db import unit_of_work
from shared.errors import TooEarly


def earn_purchases(new: Sequence[NewPurchase], *, at: datetime) -> None:
    """Give members the points that their payments earn, and note each payment for its refunds.

    One that is not to earn (`rules.bounds`, or whose order has earned already) is noted with the reason: a payment that
    was taken is never refused. Repeating a payment does nothing, whatever its programme has become since.

    Who pays has signed in, so a programme that refuses unknown members does not ask here: the word of a registration
    may come after the first payment.

    :raises DomainError: the ledger refuses an earning, so none of the list is kept.
    :raises TooEarly: somebody else recorded an order of the list at this moment, so that rules judge the list again.
    """
    found = default_programme_or_none()
    with unit_of_work():
        # What the programme says may have changed since a payment was noted.
        noted = queries.known_purchases([purchase.payment_id for purchase in new])
        fresh = [purchase for purchase in new if purchase.payment_id not in noted]
        now = aliases({purchase.member_id for purchase in fresh}) if fresh else {}
        earned = _earned(_looked_at(fresh, found, now), found)
        if found and found.has_tiers:
            _tell(earned, found, at)
        postings = [_earnings(one, found, at) if found and one.purchase.points else [] for one in earned]
        facts = iter(post_all([posting for those in postings for posting in those], at=at))
        made = [_noted(one, found, [next(facts) for _ in those]) for one, those in zip(earned, postings, strict=True)]
        purchases.insert(made)
        keep(made, at=at)


def _tell(earned: Sequence["_Payment"], found: Programme, at: datetime) -> None:
    """Tell whoever follows purchases of payments that the programme took, before the accounts that earn are locked."""
    taken = [(one.purchase, found.id, one.order) for one in earned if is_taken(one.why and one.why.value)]
    locking = {(found.id, one.member_id) for one in earned if one.purchase.points}
    tell_bought(taken, locking=locking, at=at)


class _Payment(NamedTuple):
    """A payment and the purchase that it becomes, whose it is `now`, and why it earns nothing where that is so."""

    new: NewPurchase
    purchase: Purchase
    member_id: UUID
    is_staff: bool
    why: NoPoints | None

    @property
    def order(self) -> tuple[UUID, str]:
        """Return the order that earns once."""
        return self.new.merchant_id, self.new.order_id

    @property
    def is_noted(self) -> bool:
        """Tell whether it is noted as one of its programme."""
        return is_noted(self.why)


def _looked_at(new: Sequence[NewPurchase], found: Programme | None, now: Mapping[UUID, UUID]) -> list[_Payment]:
    """Look at payments before anything is earned; whoever a member is `now` may not work for the merchant either."""
    pairs = {(who, one.merchant_id) for one in new for who in _whose(one, now)}
    staff = staff_among(pairs)
    are_staff = [any((who, one.merchant_id) in staff for who in _whose(one, now)) for one in new]
    return [
        _Payment(
            new=one,
            # It keeps its old member.
            purchase=_purchase(one),
            member_id=now.get(one.member_id, one.member_id),
            is_staff=is_staff,
            why=refused_payment(found, one, is_staff=is_staff),
        )
        for one, is_staff in zip(new, are_staff, strict=True)
    ]


def _whose(new: NewPurchase, now: Mapping[UUID, UUID]) -> set[UUID]:
    return {new.member_id, now.get(new.member_id, new.member_id)}


def _purchase(new: NewPurchase) -> Purchase:
    return Purchase(
        payment_id=new.payment_id,
        programme_id=None,
        member_id=new.member_id,
        transaction_id=None,
        amount=new.amount,
        points=0,
        merchant_id=new.merchant_id,
        currency=new.currency,
        money_amount=new.money_amount,
        occurred_at=new.captured_at,
        channel=new.channel,
        store=new.store,
        metadata=new.metadata,
        lines_by=new.lines_by,
        lines=merged_lines(new.lines),
    )


def _earned(payments: Sequence[_Payment], found: Programme | None) -> list[_Payment]:
    if found is None:
        return list(payments)
    rules = [None if one.why else rules_at(found, one.new.captured_at) for one in payments]
    if any(rules) or counts_plain_terms(found.id):
        return _by_rules(payments, rules, found)
    return _once_for_each_order([one if one.why else _plain(one, found) for one in payments])


def _plain(one: _Payment, found: Programme) -> _Payment:
    points, why = earned_by_payment(found, one.new, is_staff=one.is_staff)
    lines = with_points(one.purchase.lines, points)
    return one._replace(purchase=structs.replace(one.purchase, points=points, lines=lines), why=why)


def _once_for_each_order(payments: Sequence[_Payment]) -> list[_Payment]:
    """Let those payments earn whose order has not yet; before their accounts are locked."""
    first = _claim(payments)
    return [one if not one.purchase.points or one.new.payment_id in first else _not_again(one) for one in payments]


def _claim(payments: Sequence[_Payment]) -> set[UUID]:
    return earned_orders.claim([(*one.order, one.new.payment_id) for one in payments if one.purchase.points])


def _not_again(one: _Payment) -> _Payment:
    return one._replace(purchase=_purchase(one.new), why=NoPoints.ORDER_EARNED)


def _by_rules(payments: Sequence[_Payment], rules: Sequence[ActiveRules | None], found: Programme) -> list[_Payment]:
    """Judge payments by the rules of their instants, one after the other: what comes of one is there for the next.

    Those without rules earn by plain terms what budgets leave of it.
    """
    asked = [(one.purchase, one.member_id, active) for one, active in zip(payments, rules, strict=True) if not one.why]
    judge = judge_of(found, asked)
    known = earned_orders.known([one.order for one in payments])
    earned = []
    for one, active in zip(payments, rules, strict=True):
        if not one.why:
            one = _not_again(one) if one.order in known else _in_turn(one, active, judge, found)
        if one.is_noted:
            judge.note(one.purchase, member_id=one.member_id)
        if one.purchase.points:
            known.add(one.order)
        if is_taken(one.why and one.why.value):
            judge.follow(one.purchase, member_id=one.member_id)
        earned.append(one)
    return _unless_claimed(earned)


def _in_turn(one: _Payment, active: ActiveRules | None, judge: Judge, found: Programme) -> _Payment:
    if active is None:
        return _plain_in_turn(one, judge, found)
    purchase = judge.judge(one.purchase, active, merchant_id=one.new.merchant_id, member_id=one.member_id)
    if is_too_much(found, purchase.points):
        return one._replace(why=NoPoints.TOO_MANY_POINTS)
    return one._replace(purchase=purchase)


def _plain_in_turn(one: _Payment, judge: Judge, found: Programme) -> _Payment:
    points = points_for(found, amount=one.new.money_amount)
    purchase = judge.plain(one.purchase, points, member_id=one.member_id)
    if is_too_much(found, purchase.points):
        return one._replace(why=NoPoints.TOO_MANY_POINTS)
    return one._replace(purchase=purchase, why=NoPoints.BUDGET if points and not purchase.points else None)


def _unless_claimed(earned: Sequence[_Payment]) -> list[_Payment]:
    """Claim the orders of payments that earn, where nobody else did since they were looked for.

    :raises TooEarly: somebody did, and what its payment used of limits was there for those after it.
    """
    first = _claim(earned)
    lost = {one.new.payment_id for one in earned if one.purchase.points} - first
    if lost and len(earned) > 1:
        raise TooEarly(payments=sorted(str(payment_id) for payment_id in lost))
    return [_not_again(one) if one.new.payment_id in lost else one for one in earned]


def _noted(one: _Payment, found: Programme | None, facts: Sequence[Posted]) -> Purchase:
    return structs.replace(
        one.purchase,
        programme_id=found.id if found and one.is_noted else None,
        transaction_id=facts[0].id if facts else None,
        no_points_reason=one.why and one.why.value,
    )


def _earnings(one: _Payment, found: Programme, at: datetime) -> list[Posting]:
    return [_earning(one, found, part) for part in earnings_of(found, one.purchase, at=at)]


def _earning(one: _Payment, found: Programme, part: Earning) -> Posting:
    return Posting(
        kind=Kind.EARNED,
        programme_id=found.id,
        member_id=one.member_id,
        points=part.points,
        reference=f"payment:{one.new.payment_id}",
        reason="purchase",
        source_key=earning_key(one.purchase) + part.suffix,
        occurred_at=one.new.captured_at,
        correlation_id=one.new.correlation_id,
        causation_id=one.new.causation_id,
        rules=part.rules,
        merchant_id=one.new.merchant_id,
        **part.terms,
    )
