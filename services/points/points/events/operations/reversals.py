"""Taking back an event with what it earned, as if it had not been told; it stays noted, and is not told again."""

from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.budgets.operations import give_back, lock_spent
from points.earning import counters, followers
from points.earning.rules.noted import Left
from points.earning.rules.postings import by_rule
from points.events.errors import EventNotFound
from points.events.models import EventReversal
from points.events.operations.judging import used_by
from points.events.rows import events, judgements
from points.events.rules.events import Event
from points.ledger.errors import AlreadyReversed
from points.ledger.operations.undoing import undo_transactions
from points.ledger.rules.values import Posted
from shared.db import unit_of_work
from shared.errors import DomainError


def reverse_event(event_id: UUID, *, reason: str, actor_id: UUID, at: datetime) -> Event:
    """Take back an event, a registration or a birthday with all that it earned, and let its member use that much of
    limits again; it counts no more for tiers, whether or not it earned.

    What was spent is owed. Of a member who was merged, it is taken from whose the points are now.

    :raises EventNotFound: there is none.
    :raises NotReversible: its points, or some of them, were cancelled while they were pending.
    :raises AlreadyReversed: that was done before.
    """
    with unit_of_work():
        if (event := events.read([event_id]).get(event_id)) is None:
            raise EventNotFound()
        undone = _points_taken_back if event.transaction_id else _noted
        reversal_id = undone(event, reason=reason, actor_id=actor_id, at=at)
        left = Left(event.id, event.programme_id, event.member_id, 0, reversal_id)
        followers.tell_left([left], locking=(), at=at)
        return structs.replace(event, reversed_by=reversal_id)


def _noted(event: Event, *, reason: str, actor_id: UUID, at: datetime) -> UUID:
    """Note that an event which earned nothing was taken back, once."""
    said = {"reason": reason, "created_at": at, "created_by": actor_id}
    made, is_new = EventReversal.objects.get_or_create(event_id=event.id, defaults=said)
    if not is_new:
        raise AlreadyReversed(reversal=made.id)
    return made.id


def _points_taken_back(event: Event, *, reason: str, actor_id: UUID, at: datetime) -> UUID:
    """Take back what an event earned, and what that used of limits and of budgets."""
    judged = judgements.with_them(event)
    assert judged.by_rules
    lock_spent(judged.by_rules.outcome.spent)
    reversal = _undone(judged, reason=reason, actor_id=actor_id, at=at)
    counters.give_back(event.programme_id, used_by(judged))
    give_back(judged.by_rules.outcome.spent, at=at)
    return reversal.id


def _undone(event: Event, *, reason: str, actor_id: UUID, at: datetime) -> Posted:
    """Undo all that an event earned, the newest first; return what undid the first."""
    assert event.rules_version
    gave = {one.transaction_id: by_rule(one.rules, event.rules_version) for one in event.together if one.transaction_id}
    # One that is refused takes back what the others undid.
    *later, first = undo_transactions(
        event.programme_id, [*gave][::-1], rules=gave, reason=reason, actor_id=actor_id, at=at
    )  # fmt: skip
    for outcome in (first, *later):
        if isinstance(outcome, DomainError):
            raise outcome
    assert isinstance(first, Posted)
    if first.is_repeated:
        raise AlreadyReversed(reversal=first.id)
    return first
