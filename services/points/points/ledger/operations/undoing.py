"""Many transactions undone at once, as if they had never been: what a job posted and must take back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.ledger import pending, queries, reinstatements
from points.ledger.errors import NotReversible, PaysPurchase
from points.ledger.locks import lock_in_programme, lock_merges
from points.ledger.merges import aliases
from points.ledger.operations.corrections import reversal_key
from points.ledger.posting import Outcome, post
from points.ledger.queries import Reversible
from points.ledger.reinstatements import Expiry
from points.ledger.rules.merges import debt_passed_on, passed_on
from points.ledger.rules.pending import state_of
from points.ledger.rules.values import ByRule, Kind, PendingState, Posting, Reversed
from shared.db import unit_of_work
from shared.ids import new_ids

NO_RULES: Mapping[UUID, tuple[ByRule, ...]] = {}


class _Undoing(NamedTuple):
    """A transaction to undo, with what became of its points: whose they are now, and which of them have ended."""

    original: Reversible
    into: UUID | None
    ended: Sequence[tuple[Expiry, datetime]]


class _Requested(NamedTuple):
    """The postings that undo a transaction, and which points of which expiry they give back before they take them."""

    reversal: Posting
    postings: Sequence[Posting]
    reinstated: Sequence[tuple[UUID, Expiry, int]]


def undo_transactions(
    programme_id: UUID,
    transaction_ids: Sequence[UUID],
    *,
    rules: Mapping[UUID, tuple[ByRule, ...]] = NO_RULES,
    reason: str,
    actor_id: UUID,
    at: datetime,
) -> list[Outcome]:
    """Undo earnings, redemptions and adjustments of one programme, in this order; return one outcome for each.

    Name the newest first: then points that one spent are back in their lots before another takes these away. Each is
    undone whole, by a reversal. Points that have ended are given back first, so that nobody owes what could not be
    spent; points that somebody spent meanwhile are owed. Where the member was merged, all this is the other member's.
    `rules` gave the points of these transactions, and it is told of which they are taken back.

    The outcome is the reversal (`is_repeated` where there was one), NotReversible where the points were cancelled while
    they were pending, and PaysPurchase where a purchase was paid, whose return gives the points back.
    """
    with unit_of_work():
        lock_merges()
        undoings = _read(programme_id, transaction_ids)
        done = _decided_before([one.original for one in undoings.values()], at=at)
        requested = _ask_for({key: one for key, one in undoings.items() if key not in done}, reason, actor_id, at)
        requested = {key: _by_rules(one, rules.get(key, ())) for key, one in requested.items()}
        outcomes = _post(list(requested.values()), at=at)
        return [done.get(key) or outcomes[requested[key].reversal.id] for key in transaction_ids]


def _read(programme_id: UUID, transaction_ids: Sequence[UUID]) -> dict[UUID, _Undoing]:
    """Lock whose the transactions are, and read what became of their points; in the order named."""
    originals = queries.reversibles(transaction_ids)
    members = {one.fact.member_id for one in originals.values()}
    now = aliases(members)
    lock_in_programme(programme_id, {*members, *now.values()})
    ended = queries.endings_of(transaction_ids)
    found = {key: originals[key] for key in transaction_ids}
    return {key: _Undoing(one, now.get(one.fact.member_id), ended.get(key, ())) for key, one in found.items()}


def _decided_before(originals: Sequence[Reversible], *, at: datetime) -> dict[UUID, Outcome]:
    """Return the outcomes of transactions that were reversed before, or cannot be."""
    known = queries.by_source_key([reversal_key(one.fact.id) for one in originals])
    paid = queries.purchases_paid_by([one.fact.id for one in originals if one.spent])
    earned = [one.fact.id for one in originals if one.fact.kind == Kind.EARNED]
    gone = [one.id for one in pending.read(named=earned) if state_of(one, at=at) == PendingState.CANCELLED]
    found: dict[UUID, Outcome] = {key: PaysPurchase(purchase=purchase) for key, purchase in paid.items()}
    found |= {key: NotReversible(kind=Kind.EARNED, state=PendingState.CANCELLED) for key in gone}
    return found | {one.fact.id: known[key] for one in originals if (key := reversal_key(one.fact.id)) in known}


def _ask_for(undoings: Mapping[UUID, _Undoing], reason: str, actor_id: UUID, at: datetime) -> dict[UUID, _Requested]:
    ids = iter(new_ids(sum(1 + len(one.ended) for one in undoings.values())))
    return {key: _requested(one, ids, reason, actor_id, at) for key, one in undoings.items()}


def _by_rules(one: _Requested, rules: tuple[ByRule, ...]) -> _Requested:
    """Return what undoes a transaction with the rules that had given its points."""
    reversal = structs.replace(one.reversal, rules=rules)
    return one._replace(reversal=reversal, postings=[reversal if it is one.reversal else it for it in one.postings])


def _requested(undoing: _Undoing, ids: Iterator[UUID], reason: str, actor_id: UUID, at: datetime) -> _Requested:
    original, into, _ = undoing
    fact = original.fact
    again = list(_reinstatements(undoing, ids, reason, actor_id))
    back = sum(posting.points for posting, _ in again)
    reversal = Posting(
        id=next(ids),
        kind=Kind.REVERSED,
        programme_id=fact.programme_id,
        member_id=fact.member_id,
        points=fact.points,
        reference=fact.reference,
        reason=reason,
        source_key=reversal_key(fact.id),
        lots=(fact.id, *(posting.id for posting, _ in again)),
        reverses=Reversed(fact.id, Kind(fact.kind), original.spent, into is not None, takes_ended=True),
        actor_id=actor_id,
    )
    on: list[Posting] = []
    if into and original.spent:
        on = passed_on(reversal, original.spent, into=into, at=at)
    elif into:
        on = debt_passed_on(reversal, fact.points - back, into=into)
    reinstated = [(posting.id, expiry, posting.points) for posting, expiry in again]
    return _Requested(reversal, [*(posting for posting, _ in again), reversal, *on], reinstated)


def _reinstatements(
    undoing: _Undoing, ids: Iterator[UUID], reason: str, actor_id: UUID
) -> Iterator[tuple[Posting, Expiry]]:
    """Yield the postings that give back what has ended of a transaction's points."""
    for expiry, ended_at in undoing.ended:
        if expiry.left:
            yield (
                Posting(
                    id=next(ids),
                    kind=Kind.REINSTATED,
                    programme_id=expiry.programme_id,
                    member_id=expiry.member_id,
                    points=expiry.left,
                    reference=f"expiry:{expiry.id}",
                    reason=reason,
                    source_key=f"reinstatement:{expiry.id}:{expiry.points}",
                    expires_at=ended_at,
                    actor_id=actor_id,
                ),
                expiry,
            )


def _post(requested: Sequence[_Requested], *, at: datetime) -> dict[UUID, Outcome]:
    """Post what undoes transactions; return the outcomes by the ids of the postings."""
    postings = [posting for one in requested for posting in one.postings]
    outcomes = post(postings, at=at)
    reinstatements.insert_many([given for one in requested for given in one.reinstated])
    return {posting.id: outcome for posting, outcome in zip(postings, outcomes, strict=True)}
