"""The rows of events: read and written in one statement each."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from points.earning.rules import Trigger
from points.events import models
from points.events.rules.events import Event
from shared.db import array, named, rows, text_array
from shared.lists import Either, in_order_of, owned

_KINDS = {
    "id": "uuid", "programme_id": "uuid", "trigger": "text", "merchant_id": "uuid", "event_id": "text", "name": "text",
    "member_id": "uuid", "year": "smallint", "occurred_at": "timestamptz", "recorded_at": "timestamptz",
    "points": "bigint", "transaction_id": "uuid", "no_points_reason": "text", "rules_version": "int", "data": "jsonb",
}  # fmt: skip
_COLUMNS = ", ".join(_KINDS)
_TEXTS = ("event_id", "name", "no_points_reason")
# In the order of what is unique, so that two lists wait for each other and never in a ring.
_INSERT = f"""
INSERT INTO event ({_COLUMNS})
SELECT {_COLUMNS} FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _KINDS.items())}) AS e ({_COLUMNS})
ORDER BY programme_id, event_id, merchant_id, member_id ON CONFLICT DO NOTHING RETURNING id
"""
# As it is kept, and what took it back: the transaction of its points, where it earned any.
_WHOLE = f"""
{", ".join(f"e.{name}" for name in _KINDS)},
CASE WHEN e.transaction_id IS NULL THEN (SELECT r.id FROM event_reversal r WHERE r.event_id = e.id)
    ELSE (SELECT r.id FROM points_transaction r WHERE r.reverses_id = e.transaction_id) END
"""
_READ = f"SELECT {_WHOLE} FROM {named('event')} e"
_BEFORE = f"""
SELECT said.said_id, {_WHOLE}
FROM unnest(%(id)s::uuid[], %(programme_id)s::uuid[], %(merchant_id)s::uuid[], %(event_id)s::text[])
    AS said (said_id, programme_id, merchant_id, event_id)
CROSS JOIN LATERAL (
    SELECT * FROM event b WHERE b.programme_id = said.programme_id AND b.event_id = said.event_id
        AND b.merchant_id IS NOT DISTINCT FROM said.merchant_id OFFSET 0) e
"""
_REGISTERED = """
SELECT said.programme_id, said.member_id FROM unnest(%(programmes)s::uuid[], %(members)s::uuid[])
    AS said (programme_id, member_id)
CROSS JOIN LATERAL (
    SELECT FROM event b WHERE b.programme_id = said.programme_id AND b.member_id = said.member_id
        AND b.trigger = 'registration' OFFSET 0) e
"""


def read(ids: Collection[UUID]) -> dict[UUID, Event]:
    """Return events by their ids."""
    return {row[0]: _event(row) for row in rows(_READ, {"ids": array(list(ids))})}


def _event(row: Sequence[Any]) -> Event:
    known = dict(zip((*_KINDS, "reversed_by"), row, strict=True))
    return Event(**known | {"trigger": Trigger(known["trigger"]), "data": msgspec.json.decode(known["data"])})


def recorded_before(events: Sequence[Event]) -> dict[UUID, Event]:
    """Return what was told before by the ids of these events, by our ids of these."""
    if not events:
        return {}
    asked = _columns(events, "id", "programme_id", "merchant_id", "event_id")
    return {said: _event(row) for said, *row in rows(_BEFORE, asked)}


def registered(pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of these programmes and members, one pair at least, whose registration was noted."""
    programmes, members = zip(*pairs, strict=True)
    return set(rows(_REGISTERED, {"programmes": array(programmes), "members": array(members)}))


def insert(events: Sequence[Event]) -> set[UUID]:
    """Write new events; one that is there stays as it is. Returns which were new."""
    return {row[0] for row in rows(_INSERT, _columns(events, *_KINDS))} if events else set()


def _columns(events: Sequence[Event], *names: str) -> dict[str, str]:
    found = {}
    for name in names:
        values = [getattr(event, name) for event in events]
        if name == "data":
            values = [msgspec.json.encode(value).decode() for value in values]
        found[name] = text_array(values) if name in (*_TEXTS, "data") else array(values)
    return found


def of_programme(programme_id: UUID) -> QuerySet[models.Event]:
    """Return all events of a programme, for lists (`-id`)."""
    return owned(models.Event.objects.all(), programme_id=programme_id)


def listed(*, members: Sequence[UUID] = (), **filters: Any) -> QuerySet[models.Event] | Either[models.Event]:
    """Return the events that the filters name, of these members where any are named, for lists (`-id`)."""
    found = models.Event.objects.filter(**filters)
    if members:
        return Either(*(owned(found, member_id=member_id) for member_id in members))
    if filters.get("merchant_id") is not None:
        return owned(found, merchant_id=filters["merchant_id"])
    return in_order_of(found, "merchant_id") if "merchant_id" in filters else found
