"""What a purchase or an event that does not exist would earn, and why; nothing is written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from points.earning import counters, queries
from points.earning.errors import EventInvalid, NoActiveRules
from points.earning.queries import ActiveRules
from points.earning.rules import (
    Cart,
    Counter,
    Event,
    Outcome,
    Room,
    Rounding,
    Rule,
    RuleExplained,
    RuleOutcome,
    Schema,
    Trigger,
    Who,
    cart_values,
    counters_of,
    evaluate,
    event_faults,
    event_values,
    explanations,
    facts_of,
    fields_of,
    lines_of,
    local_time,
    ready,
    who_values,
)
from points.programmes.rules import Programme

# How limits are taken.
AS_USED, UNUSED = "as_used", "unused"
LIMITS = (AS_USED, UNUSED)
_NOTHING: Mapping[Counter, int] = {}


class Simulated(NamedTuple):
    """An outcome with each rule that was looked at, in their order, and the part of the money that each line has."""

    outcome: Outcome
    rules: list[tuple[Rule, RuleOutcome, RuleExplained]]
    parts: tuple[int, ...]


class Chosen(NamedTuple):
    """The rules under which something is tried; a document that is not stored has no version."""

    version: int | None
    rules: ActiveRules


def chosen(programme: Programme, *, version: int | None, document: Any, at: datetime) -> Chosen:
    """Return a document's rules, a version's, or those that are active at an instant.

    :raises RulesRefused: the document says no rules.
    :raises VersionNotFound: there is no such version.
    :raises NoActiveRules: neither is named, and no version is active then.
    """
    if document is not None:
        return Chosen(None, _ready(document, queries.schema(programme.id), programme.rounding, 0))
    if version is not None:
        row = queries.version(programme.id, version)
        return Chosen(
            version, _ready(row.document, queries.schema_of(row), row.rounding or programme.rounding, version)
        )
    if found := queries.rules_at(programme, at):
        return Chosen(found.version, found)
    raise NoActiveRules()


def _ready(document: Any, schema: Schema, rounding: str, version: int) -> ActiveRules:
    fields = fields_of(schema)
    rules = queries.rules_in(document, fields)
    return ActiveRules(version, rules, ready(rules), fields, Rounding(rounding))


def check_event(event: Event, schema: Schema) -> None:
    """Check that a schema has an event.

    :raises EventInvalid: it has not; with all that is wrong.
    """
    if faults := event_faults(schema, event):
        raise EventInvalid(errors=[structs.asdict(fault) for fault in faults])


def used_by(member_id: UUID, programme: Programme, under: ActiveRules, *, at: datetime) -> dict[Counter, int]:
    """Return what a member used of the limits of rules, in the periods of an instant."""
    day = local_time(at, programme.timezone)["time.date"]
    return counters.read(programme.id, member_id, [counter.period for counter in counters_of(under.rules, day)])


def simulate(
    programme: Programme,
    under: ActiveRules,
    happened: Cart | Event,
    who: Who,
    *,
    uses: Mapping[Counter, int] = _NOTHING,
    rooms: Sequence[Room] = (),
    at: datetime,
) -> Simulated:
    """Return what a purchase or an event would earn, of a member who used so much of limits (by default nothing), with
    what budgets have left (by default as if there were none)."""
    of_happened = _of_cart(under, happened) if isinstance(happened, Cart) else _of_event(under, happened)
    values = of_happened.pop("values") | who_values(under.fields, who)
    facts = facts_of(under.fields, values=values, at=at, timezone=programme.timezone, **of_happened)
    outcome = evaluate(under.ready, facts, uses, under.rounding, rooms)
    by_id = {rule.id: rule for rule in under.rules.rules}
    explained = explanations(under.ready, facts)
    looked = [(by_id[one.rule_id], one, why) for one, why in zip(outcome.rules, explained, strict=True)]
    return Simulated(outcome, looked, facts.parts)


def _of_cart(under: ActiveRules, cart: Cart) -> dict[str, Any]:
    return {
        "trigger": Trigger.PURCHASE,
        "values": cart_values(under.fields, cart),
        "amount": cart.amount,
        "earning": cart.money_amount,
        "lines": tuple(lines_of(under.fields, cart.lines)),
    }


def _of_event(under: ActiveRules, event: Event) -> dict[str, Any]:
    return {"trigger": Trigger.EVENT, "values": event_values(under.fields, event)}
