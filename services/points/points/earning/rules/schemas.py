"""Reads the types of a programme's own keys from JSON, and says all that is wrong with them."""

import re
from collections.abc import Mapping
from typing import Any

from points.earning.rules.conditions.fields import LONGEST_TEXT, Schema, Type
from points.earning.rules.faults import Faults, below
from shared.texts import composed, is_text

MOST_KEYS = 50
MOST_ENUM_VALUES = 100
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


def read_schema(value: Mapping[str, Any]) -> Schema:
    """Return the schema that a JSON value says: for each part its keys, each with `type`, and an enum its `values`.

    :raises RulesInvalid: it says none; with all that is wrong.
    """
    faults = Faults()
    for name in sorted(value.keys() - PARTS.keys()):
        faults.add(below("", name), "unknown_member", "There is no such member.")
    found = {name: _part(value[name], types, below("", name), faults) for name, types in PARTS.items() if name in value}
    faults.refuse()
    return Schema(**found)


def schema_json(schema: Schema) -> dict[str, dict[str, Any]]:
    """Return a schema as it is said."""
    parts = {name: getattr(schema, name) for name in PARTS}
    return {name: {key: _kind_json(kind) for key, kind in sorted(part.items())} for name, part in parts.items()}


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
            faults.add(below(pointer, key), "wrong_key", "A letter, then up to 39 of letters, digits, - and _.")
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
