"""Taking back what an event earned, as if it had not been told; it stays noted, and is not told again."""

from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.earning import counters
from points.earning.rules.postings import gave_by
from points.events.errors import EventEarnedNothing, EventNotFound
from points.events.operations.judging import used_by
from points.events.rows import events, judgements
from points.events.rules.events import Event
from points.ledger.errors import AlreadyReversed
from points.ledger.operations.undoing import undo_transactions
from points.ledger.rules.values import ByRule
from points.purchases.rules.purchases import ByRules
from shared.db import unit_of_work
from shared.errors import DomainError


def reverse_event(event_id: UUID, *, reason: str, actor_id: UUID, at: datetime) -> Event:
    """Take back what an event, a registration or a birthday earned, and let its member use that much of limits again.

    What was spent is owed. Of a member who was merged, it is taken from whose the points are now.

    :raises EventNotFound: there is none.
    :raises EventEarnedNothing: there is nothing to take back.
    :raises NotReversible: its points were cancelled while they were pending.
    :raises AlreadyReversed: that was done before.
    """
    with unit_of_work():
        if (event := events.read([event_id]).get(event_id)) is None:
            raise EventNotFound()
        if event.transaction_id is None:
            raise EventEarnedNothing()
        by_rules = judgements.read([event_id])[event_id]
        (outcome,) = undo_transactions(
            event.programme_id,
            [event.transaction_id],
            rules={event.transaction_id: _gave(event, by_rules)},
            reason=reason,
            actor_id=actor_id,
            at=at,
        )
        if isinstance(outcome, DomainError):
            raise outcome
        if outcome.is_repeated:
            raise AlreadyReversed(reversal=outcome.id)
        counters.give_back(event.programme_id, used_by(structs.replace(event, by_rules=by_rules)))
        return structs.replace(event, reversed_by=outcome.id)


def _gave(event: Event, by_rules: ByRules) -> tuple[ByRule, ...]:
    assert event.rules_version
    return gave_by(by_rules.outcome, event.rules_version)
