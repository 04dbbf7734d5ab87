"""What events post: of points that wait or end at different times, a transaction for each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.earning.rules.postings import earnings_by
from points.events.rules.events import Event
from points.ledger.posting import Outcome, post
from points.ledger.rules.values import Kind, Posting
from points.programmes.rules import Programme
from shared.errors import DomainError
from shared.ids import new_id


def postings_of(
    programme: Programme,
    event: Event,
    *,
    actor_id: UUID | None = None,
    correlation_id: str = "",
    causation_id: str = "",
    at: datetime,
) -> list[Posting]:
    """Return what gives the points that an event earned: the first is its `transaction_id`."""
    by_rules, version = event.by_rules, event.rules_version
    assert by_rules
    assert version
    whole = structs.replace(
        whole_of(event, actor_id=actor_id), correlation_id=correlation_id, causation_id=causation_id
    )
    parts = earnings_by(programme, by_rules.outcome, version, earned_at=event.occurred_at, at=at)
    ids = (whole.id, *(new_id() for _ in parts[1:]))
    return [
        structs.replace(
            whole,
            id=key,
            source_key=event.earning_key + part.suffix,
            points=part.points,
            rules=part.rules,
            **part.terms,
        )
        for key, part in zip(ids, parts, strict=True)
    ]


def whole_of(event: Event, *, actor_id: UUID | None) -> Posting:
    """Return all that an event earned as one posting, for who asks how much that is."""
    assert event.by_rules
    assert event.transaction_id
    return Posting(
        id=event.transaction_id,
        kind=Kind.EARNED,
        programme_id=event.programme_id,
        member_id=event.by_rules.member_id,
        points=event.points,
        reference=event.source,
        reason=event.trigger.value,
        source_key=event.earning_key,
        occurred_at=event.occurred_at,
        actor_id=actor_id,
    )


def post_each(of_events: Sequence[Sequence[Posting]], *, at: datetime) -> list[Outcome]:
    """Post what events earned, the postings of each after those of the one before; return one outcome for each event.

    A refusal of one of its postings is the event's, whose others are posted all the same: whoever asks takes them back.
    """
    outcomes = iter(post([posting for postings in of_events for posting in postings], at=at))
    return [_whole([next(outcomes) for _ in postings]) for postings in of_events]


def _whole(outcomes: Sequence[Outcome]) -> Outcome:
    return next((one for one in outcomes if isinstance(one, DomainError)), outcomes[0])
