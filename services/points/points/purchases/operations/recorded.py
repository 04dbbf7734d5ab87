"""Recording what merchants tell of, one purchase or a list: judged, noted, and posted where nothing is against it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from points.earning.queries import rules_at
from points.ledger.errors import ApprovalNeeded, TooManyPoints, TransactionNotFound
from points.ledger.rules.values import Kind
from points.members.queries import staff_among
from points.programmes.queries import programme
from points.programmes.rules import Programme, worth
from points.purchases import queries
from points.purchases.errors import CurrencyMismatch, PurchaseIdReused, RedemptionNotUsable
from points.purchases.operations.judging import Judge, keep
from points.purchases.operations.stages import STAGES, New, Refusals, Teller
from points.purchases.operations.turns import earned_in_turn, judges_of
from points.purchases.queries import Redemption
from points.purchases.rows import purchases
from points.purchases.rules.bounds import nothing_for
from points.purchases.rules.claims import is_same
from points.purchases.rules.lines import merged_lines
from points.purchases.rules.purchases import (
    Purchase,
    Recorded,
    RecordedPurchase,
    Spend,
    Told,
)
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.ids import new_id

Outcome = Recorded | DomainError
# What one of a list may be refused with because of those before it: looked at again once those that are refused by
# themselves are gone.
_BECAUSE_OF_OTHERS = (ApprovalNeeded, RedemptionNotUsable, TooManyPoints)


def record_purchase(
    recorded: RecordedPurchase,
    *,
    programme_id: UUID | None,
    actor_id: UUID | None,
    is_person: bool = False,
    at: datetime,
) -> Purchase:
    """Note a purchase that a merchant records by its own reference, and give the points that its money earns.

    Redemptions that paid for it take what they are worth from the money, unless that is said; they pay for no other.
    Recording the same purchase again changes nothing and returns it as it is. The merchant's own staff earn nothing.
    What a person of no merchant records counts to what that person may move by hand.

    :raises ProgrammeNotFound: no such programme, or no default one.
    :raises ProgrammeClosed: it gives no more points.
    :raises MerchantNotListed: it gives none for purchases from this merchant.
    :raises AmountTooLarge, TooManyPoints, PurchaseTooOld: it is beyond the programme's bounds.
    :raises MemberUnknown: it would earn, and the programme refuses members who never registered.
    :raises OrderEarned: the merchant's order of this reference earned already, by its payment or elsewhere.
    :raises ApprovalNeeded: the person's day would come to more than the programme's limit.
    :raises CurrencyMismatch: the programme has another currency.
    :raises TransactionNotFound: a redemption is unknown, or another member's.
    :raises RedemptionNotUsable: it is none, was reversed, or pays for another purchase or a voucher.
    :raises BalanceTooLarge: it would earn more than the ledger can count.
    :raises PurchaseIdReused: the merchant recorded another purchase by this reference.
    """
    with unit_of_work():
        (new,) = _looked_at([Told(recorded, programme_id)], teller := Teller(actor_id, is_person))
        if isinstance(new, DomainError):
            raise new
        tried = _recorded([new], judges_of([new]), set(), teller, at)
        outcome = tried.outcomes[new.id]
        if isinstance(outcome, DomainError):
            raise outcome
        keep(tried.made, at=at)
        return outcome.purchase


def record_purchases(told: Sequence[Told], *, teller: Teller, at: datetime) -> list[Outcome]:
    """Record purchases, each in its programme, as if one after the other; one that is refused leaves the others alone.

    In a fixed number of statements for any number: once; once more without those that are refused by themselves, where
    there are any; without those that are refused because of others; and once more where rules judged some as new that
    were recorded before, for these use nothing of a limit.
    """
    with unit_of_work():
        found = _looked_at(told, teller)
        judges = judges_of([one for one in found if isinstance(one, New)])
        refused, repeated = Refusals(), set[UUID]()
        while True:
            left = [one for one in found if isinstance(one, New) and one.id not in refused]
            with transaction.atomic():
                tried = _recorded(left, judges, repeated, teller, at)
                is_misjudged = bool(judges) and tried.repeated != repeated
                is_done = not (is_misjudged or tried.refused)
                # With all that they wrote, and took before others.
                transaction.set_rollback(not is_done)
            if is_done:
                keep(tried.made, at=at)
                outcomes = tried.outcomes | refused
                return [outcomes[one.id] if isinstance(one, New) else one for one in found]
            refused |= {} if is_misjudged else _to_leave_out(tried.refused)
            repeated = tried.repeated


def _to_leave_out(refused: Refusals) -> Refusals:
    return {key: one for key, one in refused.items() if not isinstance(one, _BECAUSE_OF_OTHERS)} or refused


class _Tried(NamedTuple):
    """What became of purchases: which were `made`, which `repeated`, and which were refused of which something may be
    written."""

    outcomes: dict[UUID, Outcome]
    made: list[Purchase]
    repeated: set[UUID]
    refused: Refusals


def _recorded(
    new: Sequence[New], judges: Mapping[UUID, Judge], repeated: set[UUID], teller: Teller, at: datetime
) -> _Tried:
    """Record those purchases that can be; those that are `repeated` use nothing of what those after them may."""
    earned, outcomes = earned_in_turn(new, judges, repeated, teller, at)
    inserted = purchases.insert([one.made for one in earned])
    before = _repeated([one for one in earned if one.id not in inserted])
    left, refused = [one for one in earned if one.id in inserted], Refusals()
    for refusals_of in STAGES:
        refused |= refusals_of(left, teller, at)
        left = [one for one in left if one.id not in refused]
    made = [one.made for one in left]
    purchases.insert_spends(made)
    recorded = {one.payment_id: Recorded(one, is_repeated=False) for one in made}
    return _Tried({**outcomes, **before, **refused, **recorded}, made, set(before), refused)


def _looked_at(told: Sequence[Told], teller: Teller) -> list[New | DomainError]:
    """Return purchases as they are to be noted but for what they earn, or why one cannot be."""
    staff = staff_among({(one.member_id, one.merchant_id) for one, _ in told if one.merchant_id})
    paid_by = queries.redemptions([redemption_id for one, _ in told for redemption_id in one.redemption_ids])
    found: list[New | DomainError] = []
    for one, programme_id in told:
        # Of whoever tells it is known whom they work for, heard of or not.
        is_own = (one.member_id, one.merchant_id) in staff or one.member_id == teller.actor_id
        try:
            found.append(_new(one, programme(programme_id), paid_by, is_staff=is_own and one.merchant_id is not None))
        except DomainError as refusal:
            found.append(refusal)
    return found


def _new(told: RecordedPurchase, found: Programme, paid_by: Sequence[Redemption], *, is_staff: bool) -> New:
    if found.currency != told.currency:
        raise CurrencyMismatch(currency=found.currency)
    made = _made(told, found, _spends(told, found, paid_by), is_staff=is_staff)
    return New(told, found, made, None if made.no_points_reason else rules_at(found, told.occurred_at))


def _spends(told: RecordedPurchase, found: Programme, paid_by: Sequence[Redemption]) -> tuple[Spend, ...]:
    if not told.redemption_ids:
        return ()
    owner, named = (found.id, told.member_id), set(told.redemption_ids)
    known = [one for one in paid_by if one.id in named and (one.programme_id, one.member_id) == owner]
    if len(known) < len(named):
        raise TransactionNotFound()
    for one in known:
        if one.kind != Kind.REDEEMED:
            raise RedemptionNotUsable(redemption_id=one.id, reason="not_a_redemption")
        if one.voucher_id:
            raise RedemptionNotUsable(redemption_id=one.id, reason="pays_voucher")
    return tuple(Spend(redemption_id=one.id, points=one.points) for one in known)


def _made(told: RecordedPurchase, found: Programme, spends: tuple[Spend, ...], *, is_staff: bool) -> Purchase:
    spent = sum(spend.points for spend in spends)
    money = max(0, told.amount - worth(found, points=spent)) if told.money_amount is None else told.money_amount
    why = nothing_for(told, is_staff=is_staff)
    return Purchase(
        payment_id=new_id(),
        programme_id=found.id,
        member_id=told.member_id,
        transaction_id=None,
        amount=told.amount,
        points=0,
        reference=told.reference,
        merchant_id=told.merchant_id,
        currency=told.currency,
        money_amount=money,
        spent=spent,
        occurred_at=told.occurred_at,
        no_points_reason=why and why.value,
        channel=told.channel,
        store=told.store,
        metadata=told.metadata,
        lines=merged_lines(told.lines),
        spends=spends,
    )


def _repeated(new: Sequence[New]) -> dict[UUID, Outcome]:
    """Return the purchases that were recorded before by the references of these, or that they are others."""
    before = purchases.recorded_before([one.made for one in new])
    return {
        one.id: Recorded(before[one.id], is_repeated=True)
        if is_same(before[one.id], one.made, money_amount=one.told.money_amount)
        else PurchaseIdReused()
        for one in new
    }
