"""Reads of rules; which are active is kept in memory, at most a second old, because every purchase asks."""

import time
from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from msgspec import structs

from points.earning import models
from points.earning.errors import RulesRefused, VersionNotFound
from points.earning.rules import (
    Field,
    ReadyRules,
    Rounding,
    RuleSet,
    RulesInvalid,
    Schema,
    Span,
    fields_of,
    read_rules,
    ready,
)
from points.programmes.rules import Programme
from shared.db import rows
from shared.lists import owned

_MEMORY_SECONDS = 1.0
_TIMELINE = (
    "SELECT programme_id, starts_at, retires_at, id FROM rule_set"
    " WHERE starts_at IS NOT NULL AND (retires_at IS NULL OR retires_at > starts_at) ORDER BY starts_at"
)


class ActiveRules(NamedTuple):
    """A version of a programme's rules as it was activated, ready to be asked."""

    version: int
    rules: RuleSet
    ready: ReadyRules
    fields: Mapping[str, Field]
    rounding: Rounding


class _Span(NamedTuple):
    starts_at: datetime
    retires_at: datetime | None
    id: UUID


class Memory:
    """When each version is active, by programme; read again when it is a second old. Each counts until the next."""

    def __init__(self) -> None:
        self._spans: dict[UUID, list[_Span]] = {}
        self._read_at = float("-inf")

    def version_at(self, programme_id: UUID, at: datetime) -> UUID | None:
        """Return the id of the version that is active at an instant, None where none is."""
        if time.monotonic() - self._read_at > _MEMORY_SECONDS:
            self._read()
        spans = self._spans.get(programme_id, [])
        place = bisect_right(spans, at, key=lambda span: span.starts_at)
        if not place:
            return None
        span = spans[place - 1]
        return span.id if span.retires_at is None or span.retires_at > at else None

    def versions_since(self, programme_id: UUID, since: datetime) -> list[UUID]:
        """Return the ids of the versions that are active at an instant or later, or are to be."""
        if time.monotonic() - self._read_at > _MEMORY_SECONDS:
            self._read()
        found, end = list[UUID](), None
        for span in reversed(self._spans.get(programme_id, [])):
            ends = [one for one in (end, span.retires_at) if one]
            if not ends or min(ends) > since:
                found.append(span.id)
            end = span.starts_at
        return found

    def invalidate(self) -> None:
        """Read anew at the next question."""
        self._read_at = float("-inf")

    def _read(self) -> None:
        found: dict[UUID, list[_Span]] = {}
        for programme_id, *span in rows(_TIMELINE):
            found.setdefault(programme_id, []).append(_Span(*span))
        self._spans, self._read_at = found, time.monotonic()


MEMORY = Memory()


def rules_at(programme: Programme, at: datetime) -> ActiveRules | None:
    """Return the rules that are active in a programme at an instant; None where it earns by its plain terms."""
    version = MEMORY.version_at(programme.id, at)
    return _active(version) if version else None


def active_since(programme_id: UUID, since: datetime) -> list[ActiveRules]:
    """Return the rules that are active in a programme at an instant or later, or are to be."""
    return [_active(version) for version in MEMORY.versions_since(programme_id, since)]


def rules_of(programme_id: UUID, version: int) -> ActiveRules:
    """Return a version of a programme's rules that was activated, whatever became of it since."""
    found = rows("SELECT id FROM rule_set WHERE programme_id = %s AND version = %s", [programme_id, version])
    ((version_id,),) = found
    return _active(version_id)


@lru_cache(maxsize=64)
def _active(version_id: UUID) -> ActiveRules:
    """Return a version that was activated: it never changes, so it is read once."""
    found = rows("SELECT version, document, schema, rounding FROM rule_set WHERE id = %s", [version_id])
    ((version, document, schema, rounding),) = found
    fields = fields_of(msgspec.json.decode(schema, type=Schema))
    rules = read_rules(msgspec.json.decode(document), fields)
    return ActiveRules(version, rules, ready(rules), fields, Rounding(rounding))


def versions(programme_id: UUID) -> QuerySet[models.RuleSet]:
    """Return all versions of a programme's rules without their documents, for lists."""
    return owned(models.RuleSet.objects.defer("document", "schema"), programme_id=programme_id)


def version(programme_id: UUID, number: int) -> models.RuleSet:
    """Return a version of a programme's rules.

    :raises VersionNotFound: there is none.
    """
    found = models.RuleSet.objects.filter(programme_id=programme_id, version=number).first()
    if found is None:
        raise VersionNotFound()
    return found


def spans(programme_id: UUID) -> list[Span]:
    """Return when each version of a programme's rules counts."""
    found = models.RuleSet.objects.filter(programme_id=programme_id).order_by("version")
    return [Span(*row) for row in found.values_list("version", "starts_at", "retires_at")]


def has_rule(programme_id: UUID, rule_id: str) -> bool:
    """Tell whether a version of a programme's rules has a rule with this id; one that is a draft, too."""
    document = {"rules": [{"id": rule_id}]}
    return models.RuleSet.objects.filter(programme_id=programme_id, document__contains=document).exists()


def schema(programme_id: UUID) -> Schema:
    """Return the types of a programme's own keys; none where nobody named any."""
    found = models.RuleSchema.objects.filter(programme_id=programme_id).values_list("types", flat=True).first()
    return msgspec.convert(found or {}, Schema)


def schemas(programme_ids: Collection[UUID]) -> dict[UUID, Schema]:
    """Return the types of these programmes' own keys, in one statement."""
    found = dict(models.RuleSchema.objects.filter(programme_id__in=programme_ids).values_list("programme_id", "types"))
    return {key: msgspec.convert(found.get(key, {}), Schema) for key in programme_ids}


def schema_of(row: models.RuleSet) -> Schema:
    """Return the schema by which a version is read: that of its activation, or today's for a draft."""
    return schema(row.programme_id) if row.schema is None else msgspec.convert(row.schema, Schema)


def rules_in(document: Any, fields: Mapping[str, Field]) -> RuleSet:
    """Return the rules that a document says.

    :raises RulesRefused: it says none; with all that is wrong.
    """
    try:
        return read_rules(document, fields)
    except RulesInvalid as invalid:
        raise RulesRefused(errors=[structs.asdict(fault) for fault in invalid.faults]) from None
