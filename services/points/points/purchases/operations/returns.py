"""What returns take back and give back: those of refunds of payments, in lists, and those of merchants."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from points.budgets.operations import give_back, lock_spent
from points.earning import counters
from points.earning.counters import Used
from points.earning.rules import Spent, Taken
from points.ledger.errors import NothingTaken
from points.ledger.merges import aliases
from points.ledger.posting import Outcome, foresee, post
from points.ledger.rules.holds import expiries
from points.ledger.rules.merges import passed_on
from points.ledger.rules.returns import parts_of
from points.ledger.rules.values import ARREARS, Kind, Posted, Posting, ReturnPolicy
from points.programmes.queries import programme
from points.purchases.errors import PurchaseNotFound, PurchaseOfPayment, ReturnIdReused
from points.purchases.locks import lock_purchases
from points.purchases.operations.following import tell_returned
from points.purchases.rows import judgements, refunds
from points.purchases.rows.refunds import Returned
from points.purchases.rules.by_rules import Share, claw_back_by_rules, shares_of
from points.purchases.rules.claims import claimed
from points.purchases.rules.plain import given_back
from points.purchases.rules.purchases import Purchase, Refund, Restoration, claw_back, restorations
from shared.db import unit_of_work
from shared.errors import DomainError, TooEarly
from shared.ids import new_id


class _Step(NamedTuple):
    """A refund with what it asks back and gives back, also to budgets (`spent`), and its purchase afterwards."""

    refund: Refund
    purchase: Purchase
    policy: ReturnPolicy
    points: int
    back: tuple[Restoration, ...]
    spent: tuple[Spent, ...]
    taken: Taken | None = None


def claw_back_refunds(given: Sequence[Refund], *, at: datetime) -> None:
    """Take back the points that refunded purchases earned, each refund once, as the programme's policy now says.

    First from the lot that the purchase opened, then from other lots; what was spent already is owed or forgiven.
    Points that paid for the purchase go back to their lots.

    :raises TooEarly: a purchase is not known yet, so none of the list is kept.
    """
    with unit_of_work():
        known = lock_purchases({refund.payment_id for refund in given})
        if missing := {refund.payment_id for refund in given} - known.keys():
            raise TooEarly(payments=sorted(str(payment_id) for payment_id in missing))
        done = refunds.known([refund.refund_id for refund in given])
        steps: list[_Step] = []
        for refund in given:
            if refund.refund_id in done:
                continue
            done.add(refund.refund_id)
            step = _step(known[refund.payment_id], refund)
            known[refund.payment_id] = step.purchase
            steps.append(step)
        if steps:
            lock_spent(_spent(steps))
            tell_returned([(step.refund, step.purchase) for step in steps], at=at)
            refunds.write(_settle(steps, post, at=at), list(known.values()))
            _uncount(steps, at=at)


def return_purchase(
    purchase_id: UUID,
    *,
    return_id: str,
    request: Mapping[str, Any],
    reason: str,
    actor_id: UUID | None,
    at: datetime,
    preview: bool = False,
) -> Returned:
    """Take a merchant's purchase back: whole lines, a part of their quantity, an amount, or all that is left.

    The same `return_id` again changes nothing and returns what it did. A preview is decided alike and writes nothing.

    :raises PurchaseNotFound: there is none.
    :raises PurchaseOfPayment: its payment's refund returns it.
    :raises ReturnIdReused: the purchase has another return by this id.
    :raises LineUnknown: the purchase has no such line.
    :raises ReturnTooLarge: more is asked than is left.
    :raises NothingToReturn: nothing is left.
    :raises MemberMerged: the member was merged at the same moment.
    """
    with unit_of_work():
        if (purchase := lock_purchases([purchase_id]).get(purchase_id)) is None:
            raise PurchaseNotFound()
        if purchase.reference is None:
            raise PurchaseOfPayment()
        if before := refunds.recorded_before(purchase_id, return_id):
            return _same_or_refuse(before, request)
        amount, lines = claimed(purchase, request)
        step = _step(purchase, _refund(purchase_id, return_id, request, amount, lines, reason, actor_id, at))
        if not preview:
            lock_spent(_spent([step]))
            tell_returned([(step.refund, step.purchase)], at=at)
        (done,) = _settle([step], foresee if preview else post, at=at)
        if not preview:
            refunds.write([done], [step.purchase])
            _uncount([step], at=at)
        return done


def _refund(
    purchase_id: UUID,
    return_id: str,
    request: Mapping[str, Any],
    amount: int,
    lines: Any,
    reason: str,
    actor_id: UUID | None,
    at: datetime,
) -> Refund:
    return Refund(
        refund_id=new_id(),
        payment_id=purchase_id,
        amount=amount,
        refunded_at=at,
        lines=lines,
        return_id=return_id,
        reason=reason,
        request=dict(request),
        actor_id=actor_id,
    )


def _same_or_refuse(before: Returned, request: Mapping[str, Any]) -> Returned:
    if before.request != request:
        raise ReturnIdReused()
    return before


def _step(purchase: Purchase, refund: Refund) -> _Step:
    if purchase.by_rules:
        taken, after = claw_back_by_rules(purchase, refund)
        back, after = restorations(after)
        return _Step(refund, after, _policy(purchase), taken.points, back, taken.spent, taken)
    points, after = claw_back(purchase, refund)
    back, after = restorations(after)
    return _Step(refund, after, _policy(purchase), points, back, given_back(purchase, after))


def _spent(steps: Sequence[_Step]) -> list[Spent]:
    """Return what returns give back to budgets."""
    return [spent for step in steps for spent in step.spent]


def _uncount(steps: Sequence[_Step], *, at: datetime) -> None:
    """Note what returns took back of rules, and let that much of limits and budgets be used again."""
    give_back(_spent(steps), at=at)
    found = {step.refund.refund_id: step.taken for step in steps if step.taken}
    if not found:
        return
    judgements.insert_taken(found)
    used: dict[UUID, list[Used]] = {}
    for step in steps:
        if step.taken and step.taken.counted and step.purchase.by_rules and step.purchase.programme_id:
            member_id = step.purchase.by_rules.member_id
            these = used.setdefault(step.purchase.programme_id, [])
            these += [Used(member_id, counter, count) for counter, count in step.taken.counted]
    for programme_id in sorted(used):
        counters.give_back(programme_id, used[programme_id])


def _policy(purchase: Purchase) -> ReturnPolicy:
    if purchase.programme_id is None:
        return ARREARS
    found = programme(purchase.programme_id)
    return ReturnPolicy(found.return_policy, found.arrears_cap)


def _settle(steps: Sequence[_Step], run: Callable[..., Sequence[Outcome]], *, at: datetime) -> list[Returned]:
    now = aliases({step.purchase.member_id for step in steps})
    of_steps = [_postings(step, now.get(step.purchase.member_id), at) for step in steps]
    outcomes = iter(run([posting for postings in of_steps for posting in postings], at=at))
    return [
        _returned(step, [(posting, next(outcomes)) for posting in postings], at)
        for step, postings in zip(steps, of_steps, strict=True)
    ]


def _postings(step: _Step, into: UUID | None, at: datetime) -> list[Posting]:
    """Return what a return posts: points come back first, so that a claw-back can take them.

    Of a member who was merged `into` another they go on to that one, from whom the claw-back takes.
    """
    found = []
    for one in step.back:
        back = _posting(step, Kind.RESTORED, one.points, f":restore:{one.redemption_id}", one)
        found += [back, *expiries(back, one.lots, at=at)]
        found += passed_on(back, one.lots, into=into, at=at) if into else []
    taken = [_taking(step, share) for share in _shares(step)]
    return found + [structs.replace(one, member_id=into) if into else one for one in taken]


def _shares(step: _Step) -> list[Share]:
    """Return what a return takes back, of each lot by itself that its purchase opened."""
    if step.taken:
        return shares_of(step.purchase, step.taken)
    return [Share(step.purchase.transaction_id, "", step.points, ())] if step.points else []


def _taking(step: _Step, share: Share) -> Posting:
    own = (share.transaction_id,) if share.transaction_id else ()
    return structs.replace(_posting(step, Kind.RETURNED, share.points, share.suffix), lots=own, rules=share.rules)


def _posting(step: _Step, kind: Kind, points: int, key: str = "", back: Restoration | None = None) -> Posting:
    refund, purchase = step.refund, step.purchase
    assert purchase.programme_id
    name = f"{'return' if refund.return_id else 'refund'}:{refund.refund_id}"
    return Posting(
        kind=kind,
        programme_id=purchase.programme_id,
        member_id=purchase.member_id,
        points=points,
        reference=name,
        reason=refund.reason,
        source_key=name + key,
        occurred_at=refund.refunded_at,
        lots=tuple(lot.id for lot in back.lots) if back else (),
        restores=back.lots if back else (),
        policy=step.policy,
        merchant_id=purchase.merchant_id,
        actor_id=refund.actor_id,
        correlation_id=refund.correlation_id,
        causation_id=refund.causation_id,
    )


def _returned(step: _Step, outcomes: Sequence[tuple[Posting, Outcome]], at: datetime) -> Returned:
    refund, parts, first, expired = step.refund, Counter[str](), None, 0
    for posting, outcome in outcomes:
        if posting.kind == Kind.RETURNED:
            taken = None if isinstance(outcome, NothingTaken) else _not_refused(outcome)
            parts.update(parts_of(taken, posting))
            first = first or taken
        elif posting.kind == Kind.RESTORED:
            expired += _ended(_not_refused(outcome), at)
        elif posting.merge:
            _not_refused(outcome)
    return Returned(
        refund_id=refund.refund_id,
        payment_id=refund.payment_id,
        amount=refund.amount,
        points=step.points,
        own=parts["own"],
        others=parts["others"],
        owed=parts["owed"],
        forgiven=parts["forgiven"],
        policy=step.policy.name,
        restored=sum(one.points for one in step.back),
        expired=expired,
        transaction_id=first.id if first else None,
        return_id=refund.return_id,
        reason=refund.reason,
        request=refund.request,
        lines=[{"line_id": line.line_id, "quantity": line.quantity, "amount": line.amount} for line in refund.lines],
        returned_at=at,
    )


def _ended(fact: Posted, at: datetime) -> int:
    """Return how many of the points that came back to lots end at once."""
    return sum(part.points for part in fact.lots if part.expires_at is not None and part.expires_at <= at)


def _not_refused(outcome: Outcome) -> Posted:
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome
