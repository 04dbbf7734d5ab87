"""The rows of how rules judged events; only ever added."""

from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec import structs

from points.events.rules.events import Event
from points.ledger.queries import by_source_key
from points.purchases.rows.judgements import COLUMNS, columns_of, of_row
from points.purchases.rules.purchases import ByRules
from shared.db import Prepared, array, named, rows

_INSERT = Prepared(
    "event_rules_insert",
    f"""
INSERT INTO event_rules (event_id, {COLUMNS})
SELECT * FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(timezones)s::text[], %(known)s::jsonb[],
    %(outcomes)s::jsonb[])
""",
)
_READ = f"SELECT event_id, {COLUMNS} FROM {named('event_rules', 'event_id')} found"


def insert(found: Mapping[UUID, ByRules]) -> None:
    """Write how events were judged, with the next statement of the transaction or its commit; one at least."""
    _INSERT.later(columns_of(found))


def read(event_ids: Collection[UUID]) -> dict[UUID, ByRules]:
    """Return how these events were judged."""
    return {event_id: of_row(*row) for event_id, *row in rows(_READ, {"ids": array(list(event_ids))})}


def with_them(event: Event) -> Event:
    """Return an event that rules judged with how, and with the transactions of what they gave."""
    judged = structs.replace(event, by_rules=read([event.id])[event.id])
    assert judged.by_rules
    posted = by_source_key(judged.later_keys)
    later = tuple(posted[key].id for key in judged.later_keys if key in posted)
    return structs.replace(judged, by_rules=structs.replace(judged.by_rules, later=later))
