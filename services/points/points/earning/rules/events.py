"""What an event may say: checked by its programme's schema, which is told as JSON Schema, and asked by conditions."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from points.earning.rules.carts import own_values
from points.earning.rules.conditions import EventType, Field, Schema, Type
from points.earning.rules.conditions.fields import LARGEST_INTEGER, LONGEST_TEXT, MOST_TEXTS, own_field, typed
from points.earning.rules.faults import Fault, Faults, below

LONGEST_KEY = 40
_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_TYPES: Mapping[Type, Mapping[str, Any]] = {
    Type.INTEGER: {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
    Type.TEXT: _TEXT,
    Type.BOOLEAN: {"type": "boolean"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.INSTANT: {"type": "string", "format": "date-time"},
    Type.TEXTS: {"type": "array", "maxItems": MOST_TEXTS, "items": _TEXT},
}


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened, by its name, and what is told of it."""

    name: str
    data: Mapping[str, Any] = {}


def event_values(fields: Mapping[str, Field], event: Event) -> dict[str, Any]:
    """Return the values of an event; what it does not say, or is not of its type, is missing."""
    return {"event.name": event.name} | own_values(fields, "event.data", event.data)


def event_faults(schema: Schema, event: Event) -> tuple[Fault, ...]:
    """Return all that is wrong with an event, each with a pointer into it; nothing where it is one of the schema's."""
    faults = Faults()
    kind = schema.events.get(event.name)
    if kind is None:
        faults.add("/name", "unknown_event", "The programme's schema has no event of this name.")
        return tuple(faults.found)
    for key in sorted(event.data.keys() - set(kind.data)):
        # What is longer than any key may be is not given back.
        pointer = below("/data", key) if len(key) <= LONGEST_KEY else "/data"
        faults.add(pointer, "unknown_member", "The event has no such member.")
    for key in kind.required:
        if key not in event.data:
            faults.add("/data", "member_missing", f"The member `{key}` is missing.")
    _check_values(schema, kind, event.data, faults)
    return tuple(faults.found)


def _check_values(schema: Schema, kind: EventType, data: Mapping[str, Any], faults: Faults) -> None:
    for key in kind.data:
        if key in data:
            try:
                typed(own_field("event.data", key, schema.event_data[key]), data[key])
            except ValueError as error:
                faults.add(below("/data", key), "wrong_value", str(error))


def event_schemas(schema: Schema) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of the data of each event, by its name."""
    return {name: _json_schema(name, kind, schema.event_data) for name, kind in sorted(schema.events.items())}


def _json_schema(name: str, kind: EventType, types: Mapping[str, Type | tuple[str, ...]]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "object",
        "properties": {key: _type_json(types[key]) for key in kind.data},
        "required": list(kind.required),
        "additionalProperties": False,
    }


def _type_json(kind: Type | tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": list(kind)} if isinstance(kind, tuple) else dict(_TYPES[kind])
