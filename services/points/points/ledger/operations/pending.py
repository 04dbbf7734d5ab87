"""Points that were earned and wait: activated or cancelled, each once, under their account's lock."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from points.ledger import merges, pending
from points.ledger.errors import MemberMerged, PendingNotOpen
from points.ledger.posting import post, post_one
from points.ledger.queries import known_pending
from points.ledger.rules.pending import due_move, end_of, move
from points.ledger.rules.values import Kind, Pending, Posted, Posting
from points.programmes.queries import end_of_lot_in, programme
from shared.db import unit_of_work
from shared.errors import DomainError


def activate_pending(pending_id: UUID, *, reason: str = "", actor_id: UUID, at: datetime) -> Pending:
    """Make pending points available before their time; their lot's days count from now.

    :raises PendingNotFound: there are none.
    :raises PendingNotOpen: they were closed before, or their time has come.
    """
    with unit_of_work():
        post_one(_activation(known_pending(pending_id), reason or "activated", actor_id, at), at=at)
        return known_pending(pending_id)


def cancel_pending(pending_id: UUID, *, reason: str = "", actor_id: UUID, at: datetime) -> Pending:
    """Take pending points back before their time.

    :raises PendingNotFound: there are none.
    :raises PendingNotOpen: they were closed before, or their time has come.
    """
    with unit_of_work():
        found = known_pending(pending_id)
        command = move(found, Kind.CANCELLED, reason=reason or "cancelled", at=at, actor_id=actor_id)
        post_one(command, at=at)
        return known_pending(pending_id)


def activate_on_event(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    event: str,
    reference: str | None = None,
    actor_id: UUID | None = None,
    at: datetime,
) -> list[Posted]:
    """Activate a member's pending points that wait for an event: those of one reference, or all where it is None.

    Returns what was activated; nothing where nothing waits for the event any more.

    :raises MemberMerged: what waited is another member's now.
    :raises ProgrammeNotFound: no such programme, or no default one.
    """
    found = programme(programme_id)
    with unit_of_work():
        waiting = pending.waiting_for(event, programme_id=found.id, member_id=member_id, reference=reference, at=at)
        if not waiting and (into := merges.aliases([member_id]).get(member_id)):
            raise MemberMerged(member_id=str(member_id), merged_into=str(into))
        return _those_done(post([_activation(one, event, actor_id, at) for one in waiting], at=at))


def close_due_pending(*, at: datetime, limit: int = 1000) -> tuple[int, int]:
    """Activate pending points whose time has come, and cancel those that waited for an event beyond their deadline.

    Returns how many were due and how many points became available. Those that somebody else closes meanwhile are left
    alone, so that any number of runs at once do no harm.
    """
    with unit_of_work():
        found = pending.read(named=pending.due(at=at, limit=limit))
        facts = _those_done(post([due_move(one, end_of_lot=end_of_lot_in) for one in found], at=at))
        return len(found), sum(fact.points for fact in facts if fact.kind == Kind.ACTIVATED)


def _activation(found: Pending, reason: str, actor_id: UUID | None, at: datetime) -> Posting:
    end = end_of(found, at, end_of_lot=end_of_lot_in)
    return move(found, Kind.ACTIVATED, reason=reason, at=at, end=end, actor_id=actor_id)


def _those_done(outcomes: Sequence[Posted | DomainError]) -> list[Posted]:
    """Return what was posted; what somebody else closed, or a merge took along, meanwhile is theirs."""
    facts = []
    for outcome in outcomes:
        if isinstance(outcome, Posted):
            facts.append(outcome)
        elif not isinstance(outcome, (PendingNotOpen, MemberMerged)):
            raise outcome
    return facts
