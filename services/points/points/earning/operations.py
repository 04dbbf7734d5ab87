"""Writes of rules: a draft is made and changed, activated and retired; each waits for the one before it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from msgspec import structs

from points.earning import queries
from points.earning.errors import AnotherScheduled, NoDraft, SchemaInUse, TooManyDrafts, VersionRetired
from points.earning.locks import lock_rules
from points.earning.models import RuleSchema, RuleSet
from points.earning.rules import (
    SEGMENTS,
    Rule,
    RulesInvalid,
    Schema,
    Span,
    changed_with,
    end_of,
    fields_of,
    next_start,
    read_rules,
    span_of,
    state_of,
    texts_asked,
)
from points.earning.rules.faults import MOST_FAULTS
from points.messages.outgoing.rules import rule_changed
from points.programmes.queries import programme
from points.segments.queries.segments import broken_segments, segment_codes
from points.tiers.queries.schemes import broken_tiers, tier_codes
from shared.db import unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import publish

# Drafts, and versions that are still to start: a change of the schema reads all of them.
MOST_DRAFTS = 20
_WAITING = ("draft", "scheduled")


def create_draft(programme_id: UUID, document: Any, *, actor_id: UUID, at: datetime) -> RuleSet:
    """Make a draft of a programme's rules, with the next number.

    :raises ProgrammeNotFound: there is none.
    :raises RulesRefused: the document says no rules, or names a segment that the programme has not.
    :raises TooManyDrafts: the programme has as many as it may.
    """
    with unit_of_work():
        lock_rules(programme_id)
        spans = queries.spans(programme_id)
        if sum(state_of(span, spans, at=at) in _WAITING for span in spans) >= MOST_DRAFTS:
            raise TooManyDrafts(most=MOST_DRAFTS)
        _check(document, programme_id)
        return RuleSet.objects.create(
            id=new_id(),
            programme_id=programme_id,
            version=len(spans) + 1,
            document=document,
            created_at=at,
            created_by=actor_id,
            changed_at=at,
            changed_by=actor_id,
        )


def change_draft(programme_id: UUID, number: int, document: Any, *, actor_id: UUID, at: datetime) -> RuleSet:
    """Let a draft say something else; the same again changes nothing that it says.

    :raises ProgrammeNotFound, VersionNotFound: there is none.
    :raises NoDraft: it is active, scheduled or retired.
    :raises RulesRefused: the document says no rules.
    """
    with unit_of_work():
        lock_rules(programme_id)
        row = _draft(programme_id, number, at=at)
        _check(document, programme_id)
        return _save(row, actor_id=actor_id, at=at, document=document)


def activate(
    programme_id: UUID, number: int, *, starts_at: datetime | None = None, actor_id: UUID, at: datetime
) -> RuleSet:
    """Let a draft count from now or an instant to come on; the version that is active then ends there.

    :raises ProgrammeNotFound, VersionNotFound: there is none.
    :raises NoDraft: it is active, scheduled or retired.
    :raises AnotherScheduled: another one is to start then or later.
    :raises RulesRefused: the draft is of an earlier language, or names a segment that the programme has not.
    """
    with unit_of_work():
        rounding = lock_rules(programme_id)
        row, before = _draft(programme_id, number, at=at), queries.spans(programme_id)
        start = max(starts_at or at, at)
        if later := next_start(before, at=start):
            raise AnotherScheduled(starts_at=later)
        _check(row.document, programme_id)
        schema = msgspec.to_builtins(queries.schema(programme_id))
        changes = {"schema": schema, "rounding": rounding, "starts_at": start, "activated_at": at}
        _save(row, actor_id=actor_id, at=at, activated_by=actor_id, **changes)
        return _publish(row, before, at=at)


def retire(
    programme_id: UUID, number: int, *, ends_at: datetime | None = None, actor_id: UUID, at: datetime
) -> RuleSet:
    """End a version now or at an instant to come, without another in its place; one that has not started never does.

    :raises ProgrammeNotFound, VersionNotFound: there is none.
    :raises VersionRetired: it has ended already.
    :raises AnotherScheduled: another one starts before that end.
    """
    with unit_of_work():
        lock_rules(programme_id)
        row, before = queries.version(programme_id, number), queries.spans(programme_id)
        if state_of(span_of(row), before, at=at) == "retired":
            raise VersionRetired()
        end = max(ends_at or at, at)
        later = end_of(Span(number, row.starts_at), before)
        if later and later < end:
            raise AnotherScheduled(starts_at=later)
        _save(row, actor_id=actor_id, at=at, retires_at=end, retired_by=actor_id)
        return _publish(row, before, at=at)


def change_schema(programme_id: UUID, schema: Schema, *, actor_id: UUID, at: datetime) -> None:
    """Name the types of a programme's own keys; rules that are active keep those of their activation.

    :raises ProgrammeNotFound: there is none.
    :raises SchemaInUse: rules that are no more than a draft, or count or are to count, or the condition of a segment,
        or what counts for tiers, would no longer be valid.
    """
    with unit_of_work():
        lock_rules(programme_id)
        if broken := _broken(programme_id, schema, at=at):
            raise SchemaInUse(errors=broken[:MOST_FAULTS])
        said = {"types": msgspec.to_builtins(schema), "changed_at": at, "changed_by": actor_id}
        RuleSchema.objects.update_or_create(programme_id=programme_id, defaults=said)


def _draft(programme_id: UUID, number: int, *, at: datetime) -> RuleSet:
    row = queries.version(programme_id, number)
    state = state_of(span_of(row), queries.spans(programme_id), at=at)
    if state != "draft":
        raise NoDraft(state=state)
    return row


def rules_asking_segment(programme_id: UUID, code: str, *, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield the version and the rule of each that asks for a segment and is not retired, and each fault of a version
    that cannot be read: it may ask for it. Under the rules' lock."""
    for row in _kept(programme_id, at=at):
        try:
            rules = read_rules(row.document, fields_of(queries.schema_of(row))).rules
        except RulesInvalid as invalid:
            yield from _faults(row, invalid)
        else:
            asking = [rule for rule in rules if code in texts_asked(rule.condition, SEGMENTS)]
            yield from ({"version": row.version, "rule_id": rule.id} for rule in asking)


def _check(document: Any, programme_id: UUID) -> None:
    names = {"segments": segment_codes(programme_id), "tiers": frozenset(tier_codes(programme_id))}
    queries.rules_in(document, fields_of(queries.schema(programme_id), **names))


def _kept(programme_id: UUID, *, at: datetime) -> QuerySet[RuleSet]:
    """Return the versions that are not retired."""
    spans = queries.spans(programme_id)
    kept = [span.version for span in spans if state_of(span, spans, at=at) != "retired"]
    return RuleSet.objects.filter(programme_id=programme_id, version__in=kept).order_by("version")


def _broken(programme_id: UUID, schema: Schema, *, at: datetime) -> list[dict[str, Any]]:
    found, fields = list(broken_segments(programme_id, fields_of(schema))), fields_of(schema)
    found += broken_tiers(programme_id, schema)
    for row in _kept(programme_id, at=at):
        try:
            read_rules(row.document, fields)
        except RulesInvalid as invalid:
            found += _faults(row, invalid)
    return found


def _faults(row: RuleSet, invalid: RulesInvalid) -> list[dict[str, Any]]:
    """Return what is wrong with a stored version, with the version, and the rule where it is of one."""
    faults = [structs.asdict(fault) for fault in invalid.faults]
    return [{"version": row.version, **_rule_of(row.document, fault["pointer"]), **fault} for fault in faults]


def _rule_of(document: dict[str, Any], pointer: str) -> dict[str, Any]:
    """Return the id of the rule that a pointer is into: `/rules/3/name` is of the fourth one, `/language` of none."""
    match pointer.split("/"):
        case ["", "rules", place, *_]:
            rule = document["rules"][int(place)]
            return {"rule_id": rule["id"]} if isinstance(rule, dict) and "id" in rule else {}
    return {}


def _save(row: RuleSet, *, actor_id: UUID, at: datetime, **changes: Any) -> RuleSet:
    changes |= {"changed_at": at, "changed_by": actor_id}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return row


def _publish(row: RuleSet, before: list[Span], *, at: datetime) -> RuleSet:
    """Tell what a version is now, and each whose end moved with it; a draft that was put away was never told of."""
    after = queries.spans(row.programme_id)
    numbers = changed_with(span_of(row), before, after) + ([row.version] if row.starts_at else [])
    changed = RuleSet.objects.filter(programme_id=row.programme_id, version__in=numbers).order_by("version")
    currency = programme(row.programme_id).currency
    publish([rule_changed(one, _rules_in(one), after, currency=currency, at=at) for one in changed], at=at)
    queries.MEMORY.invalidate()
    return row


def _rules_in(row: RuleSet) -> Sequence[Rule]:
    return queries.rules_in(row.document, fields_of(queries.schema_of(row))).rules
