"""Why rules gave an event what they did: what each of them asked, and what was there."""

from uuid import UUID

from points.earning.explanations import Explained, explained_by
from points.earning.queries import rules_of
from points.earning.rules import Given
from points.events.rows import events, judgements
from points.events.rules.events import TRIGGERS, Event, facts_of_event


def explain_event(event: Event) -> Explained | None:
    """Return why rules gave an event its points; None where none judged it."""
    if event.rules_version is None:
        return None
    judged = judgements.with_them(event)
    by_rules = judged.by_rules
    assert by_rules
    rules = rules_of(event.programme_id, event.rules_version)
    facts = facts_of_event(rules.fields, event, by_rules.known, timezone=by_rules.timezone)
    return explained_by(rules, facts, by_rules.outcome, judged.together, by_rules.known)


def given_by(event: Event) -> tuple[Given, ...]:
    """Return what each rule gave to an event that earned."""
    return judgements.read([event.id])[event.id].outcome.given


def event_of(source_key: str | None) -> Event | None:
    """Return the event whose earning has this key, where it is one."""
    trigger, _, rest = (source_key or "").partition(":")
    if trigger not in TRIGGERS:
        return None
    event_id = UUID(rest.partition(":")[0])
    return events.read([event_id]).get(event_id)
