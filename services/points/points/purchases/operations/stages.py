"""What may be against purchases that a merchant records, looked at in the order in which locks are taken.

Each stage looks at all that are left, in statements of a fixed number, and returns the refusals of some by their ids.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.earning.queries import ActiveRules
from points.earning.rules.postings import Earning
from points.ledger.locks import lock_keys
from points.ledger.operations.admission import count_posted, within_day
from points.ledger.operations.second_person import check_alone
from points.ledger.posting import Outcome, post
from points.ledger.rules.values import Kind, Posting
from points.members.queries import unknown_of
from points.programmes.errors import ProgrammeClosed
from points.programmes.rules import Programme
from points.purchases import queries
from points.purchases.errors import OrderEarned, RedemptionNotUsable
from points.purchases.operations.following import Followed, is_taken, tell_bought
from points.purchases.rows import earned_orders
from points.purchases.rules.bounds import check_recorded
from points.purchases.rules.by_rules import earning_key, earnings_of
from points.purchases.rules.purchases import Purchase, RecordedPurchase
from shared.errors import DomainError, MemberUnknown
from shared.ids import new_id


class Teller(NamedTuple):
    """Who tells of purchases, and whether that is a person."""

    actor_id: UUID | None
    is_person: bool = False


class New(NamedTuple):
    """A purchase that is to be recorded, as it was told and as it is noted; `rules` judge it, where it has any."""

    told: RecordedPurchase
    programme: Programme
    made: Purchase
    rules: ActiveRules | None = None

    @property
    def id(self) -> UUID:
        """Return what we call it."""
        return self.made.payment_id

    @property
    def key(self) -> tuple[UUID, UUID]:
        """Return whose account it is about."""
        return self.programme.id, self.made.member_id


Refusals = dict[UUID, DomainError]
Stage = Callable[[Sequence[New], Teller, datetime], Refusals]


def by_terms(new: Sequence[New], _teller: Teller, at: datetime) -> Refusals:
    """Return which of these their programmes take not."""
    return _refused(new, lambda one: _check_terms(one, at))


def _check_terms(one: New, at: datetime) -> None:
    if one.programme.status != "active":
        raise ProgrammeClosed()
    check_recorded(one.programme, one.told, points=one.made.points, at=at)


def _by_members(new: Sequence[New], _teller: Teller, _at: datetime) -> Refusals:
    asking = [one for one in _earning(new) if one.programme.unknown_members == "refuse"]
    unknown = unknown_of({one.made.member_id for one in asking})
    return {one.id: MemberUnknown(member_id=str(one.made.member_id)) for one in asking if one.made.member_id in unknown}


def _by_orders(new: Sequence[New], _teller: Teller, _at: datetime) -> Refusals:
    of_orders = {one.id: (one.told.merchant_id, one.told.reference, one.id) for one in _earning(new)}
    orders = [(merchant_id, name, key) for merchant_id, name, key in of_orders.values() if merchant_id is not None]
    first = earned_orders.claim(orders)
    return {key: OrderEarned() for _, _, key in orders if key not in first}


def _by_days(new: Sequence[New], teller: Teller, at: datetime) -> Refusals:
    given = [one for one in _earning(new) if one.told.is_by_programme]
    actor_id = teller.actor_id
    if actor_id is None or not given:
        return {}
    if not teller.is_person:
        points = {one.id: (one.programme, one.made.points) for one in given}
        return _refused(given, lambda one: check_alone(*points[one.id], actor_id=actor_id, is_person=False, at=at))
    allowed = within_day([_posting(one, teller) for one in given], actor_id=actor_id, at=at)
    return {one.id: said for one, said in zip(given, allowed, strict=True) if isinstance(said, DomainError)}


def _by_followers(new: Sequence[New], _teller: Teller, at: datetime) -> Refusals:
    """Tell whoever follows purchases in programmes with tiers.

    With the accounts that earn or pay, because all are locked in the order of their numbers.
    """
    taken = [one for one in new if one.programme.has_tiers and is_taken(one.made.no_points_reason)]
    locking = {one.key for one in new if one.made.transaction_id or one.made.spends} if taken else ()
    tell_bought([_followed(one) for one in taken], locking=locking, at=at)
    return {}


def _followed(one: New) -> Followed:
    merchant_id = one.told.merchant_id
    return one.made, one.programme.id, (merchant_id, one.told.reference) if merchant_id else None


def _by_redemptions(new: Sequence[New], _teller: Teller, _at: datetime) -> Refusals:
    """Let redemptions pay for purchases; under their accounts' locks, so that none is reversed meanwhile.

    With the accounts that earn, because all are locked in the order of their numbers.
    """
    paid = [one for one in new if one.made.spends]
    if not paid:
        return {}
    lock_keys({one.key for one in paid} | {one.key for one in _earning(new)})
    named = [spend.redemption_id for one in paid for spend in one.made.spends]
    why = {
        one.id: "reversed" if one.is_reversed else "used"
        for one in queries.redemptions(named)
        if one.is_reversed or one.is_used
    }
    refusals: Refusals = {}
    for one in paid:
        ids = [spend.redemption_id for spend in one.made.spends]
        if against := next((key for key in ids if key in why), None):
            refusals[one.id] = RedemptionNotUsable(redemption_id=against, reason=why[against])
        else:
            why |= dict.fromkeys(ids, "used")
    return refusals


def _by_ledger(new: Sequence[New], teller: Teller, at: datetime) -> Refusals:
    earning = _earning(new)
    postings = [_postings(one, teller, at) for one in earning]
    outcomes = iter(post([posting for those in postings for posting in those], at=at))
    # Of several of one purchase a refusal is the purchase's.
    found = [_whole_outcome([next(outcomes) for _ in those]) for those in postings]
    by_hand = [number for number, one in enumerate(earning) if one.told.is_by_programme]
    if teller.is_person and teller.actor_id and by_hand:
        counted = [_posting(earning[number], teller) for number in by_hand], [found[number] for number in by_hand]
        count_posted(*counted, actor_id=teller.actor_id, at=at)
    return {one.id: said for one, said in zip(earning, found, strict=True) if isinstance(said, DomainError)}


def _whole_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    return next((one for one in outcomes if isinstance(one, DomainError)), outcomes[0])


# Orders that earn, days of persons, accounts: `points.ledger.locks`.
STAGES: tuple[Stage, ...] = (by_terms, _by_members, _by_orders, _by_days, _by_followers, _by_redemptions, _by_ledger)


def _earning(new: Sequence[New]) -> list[New]:
    return [one for one in new if one.made.transaction_id]


def _refused(new: Sequence[New], check: Callable[[New], None]) -> Refusals:
    refusals: Refusals = {}
    for one in new:
        try:
            check(one)
        except DomainError as refusal:
            refusals[one.id] = refusal
    return refusals


def _postings(one: New, teller: Teller, at: datetime) -> list[Posting]:
    """Return what a purchase posts: of points that wait or end at different times, one for each."""
    whole = _posting(one, teller)
    first, *later = earnings_of(one.programme, one.made, at=at)
    return [_part(whole, first), *(structs.replace(_part(whole, part), id=new_id()) for part in later)]


def _part(whole: Posting, part: Earning) -> Posting:
    return structs.replace(
        whole, source_key=f"{whole.source_key}{part.suffix}", points=part.points, rules=part.rules, **part.terms
    )


def _posting(one: New, teller: Teller) -> Posting:
    """Return all that a purchase earns, as one posting."""
    made = one.made
    assert made.transaction_id
    assert made.occurred_at
    return Posting(
        id=made.transaction_id,
        kind=Kind.EARNED,
        programme_id=one.programme.id,
        member_id=made.member_id,
        points=made.points,
        reference=f"purchase:{made.payment_id}",
        reason="purchase",
        source_key=earning_key(made),
        occurred_at=made.occurred_at,
        actor_id=teller.actor_id,
        merchant_id=made.merchant_id,
    )
