"""Reads the types of a programme's own keys, and its events, from JSON, and says all that is wrong with them."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from points.earning.rules.conditions.fields import LONGEST_TEXT, EventType, Schema, Type
from points.earning.rules.faults import Faults, below
from shared.texts import composed, is_text

MOST_KEYS = 50
MOST_ENUM_VALUES = 100
MOST_EVENTS = 50
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}", re.ASCII)
_SHORT = frozenset(Type) - {Type.TEXTS}
# Values of metadata are no lists.
PARTS: Mapping[str, frozenset[Type]] = {
    "purchase_metadata": _SHORT,
    "line_metadata": _SHORT,
    "attributes": frozenset(Type),
    "event_data": frozenset(Type),
}
Kind = Type | tuple[str, ...]
_WRONG_KEY = "A letter, then up to 39 of letters, digits, - and _."


def read_schema(value: Mapping[str, Any]) -> Schema:
    """Return the schema that a JSON value says: for each part its keys, each with `type`, and an enum its `values`; and
    for each of its `events` the keys of its `data`, and those that are `required`.

    :raises RulesInvalid: it says none; with all that is wrong.
    """
    faults = Faults()
    for name in sorted(value.keys() - PARTS.keys() - {"events"}):
        faults.add(below("", name), "unknown_member", "There is no such member.")
    found = {name: _part(value[name], types, below("", name), faults) for name, types in PARTS.items() if name in value}
    events = _events(value.get("events", {}), found.get("event_data", {}), faults)
    faults.refuse()
    return Schema(**found, events=events)


def schema_json(schema: Schema) -> dict[str, dict[str, Any]]:
    """Return a schema as it is said."""
    parts = {name: getattr(schema, name) for name in PARTS}
    found = {name: {key: _kind_json(kind) for key, kind in sorted(part.items())} for name, part in parts.items()}
    events = {name: {"data": list(one.data), "required": list(one.required)} for name, one in schema.events.items()}
    return found | {"events": dict(sorted(events.items()))}


def _kind_json(kind: Kind) -> dict[str, Any]:
    return {"type": "enum", "values": list(kind)} if isinstance(kind, tuple) else {"type": str(kind)}


def _part(value: Any, types: frozenset[Type], pointer: str, faults: Faults) -> dict[str, Kind]:
    if not isinstance(value, dict):
        faults.add(pointer, "no_object", "An object is expected.")
        return {}
    if len(value) > MOST_KEYS:
        faults.add(pointer, "too_many_keys", f"At most {MOST_KEYS} keys are taken.")
        return {}
    found: dict[str, Kind] = {}
    for key, said in value.items():
        if not _KEY.fullmatch(key):
            faults.add(below(pointer, key), "wrong_key", _WRONG_KEY)
        if kind := _kind(said, types, below(pointer, key), faults):
            found[key] = kind
    return found


def _kind(value: Any, types: frozenset[Type], pointer: str, faults: Faults) -> Kind | None:
    said = value.get("type") if isinstance(value, dict) else None
    if not isinstance(said, str) or said not in types:
        known = ", ".join(sorted(types))
        faults.add(pointer, "wrong_type", f"An object is expected whose `type` is one of {known}.")
        return None
    known_members = {"type", "values"} if said == Type.ENUM else {"type"}
    for name in sorted(value.keys() - known_members):
        faults.add(below(pointer, name), "unknown_member", "There is no such member.")
    return _enum(value.get("values"), below(pointer, "values"), faults) if said == Type.ENUM else Type(said)


def _enum(values: Any, pointer: str, faults: Faults) -> tuple[str, ...] | None:
    is_list = isinstance(values, list) and 0 < len(values) <= MOST_ENUM_VALUES
    if not is_list or not all(type(one) is str and 0 < len(one) <= LONGEST_TEXT and is_text(one) for one in values):
        detail = f"A list of 1 to {MOST_ENUM_VALUES} texts of 1 to {LONGEST_TEXT} characters is expected."
        faults.add(pointer, "wrong_value", detail)
        return None
    found = tuple(composed(one) for one in values)
    if len(set(found)) < len(found):
        faults.add(pointer, "named_twice", "A value is named twice.")
    return found


def _events(value: Any, known: Mapping[str, Kind], faults: Faults) -> dict[str, EventType]:
    if not isinstance(value, dict):
        faults.add("/events", "no_object", "An object is expected.")
        return {}
    if len(value) > MOST_EVENTS:
        faults.add("/events", "too_many_keys", f"At most {MOST_EVENTS} events are taken.")
        return {}
    return {name: _event(name, said, known, below("/events", name), faults) for name, said in value.items()}


def _event(name: str, value: Any, known: Mapping[str, Kind], pointer: str, faults: Faults) -> EventType:
    if not _KEY.fullmatch(name):
        faults.add(pointer, "wrong_key", _WRONG_KEY)
    if not isinstance(value, dict):
        faults.add(pointer, "no_object", "An object is expected.")
        return EventType()
    for member in sorted(value.keys() - {"data", "required"}):
        faults.add(below(pointer, member), "unknown_member", "There is no such member.")
    data = _keys(value.get("data", []), known, "event_data", below(pointer, "data"), faults)
    required = _keys(value.get("required", []), data, "data", below(pointer, "required"), faults)
    return EventType(data=data, required=required)


def _keys(value: Any, known: Collection[str], where: str, pointer: str, faults: Faults) -> tuple[str, ...]:
    """Return keys that are known, each once."""
    if not isinstance(value, list) or len(value) > MOST_KEYS:
        faults.add(pointer, "wrong_value", f"A list of at most {MOST_KEYS} keys is expected.")
        return ()
    for place, key in enumerate(value):
        if type(key) is not str or key not in known:
            faults.add(below(pointer, place), "unknown_key", f"There is no such key in `{where}`.")
        elif key in value[:place]:
            faults.add(below(pointer, place), "named_twice", "A key is named twice.")
    return tuple(key for key in value if type(key) is str)
