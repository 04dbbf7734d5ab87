"""Attributes of a member: read by the programme's schema, and stored with the kind of value that each is.

A value is of the kind that it was stored as, whatever the schema says later: a text does not become a day because it
looks like one. Text and enum are one kind, so that a text fits an enum that has it among its values.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from points.earning.rules import Field, Schema, Type, fields_of, typed
from points.earning.rules.faults import Faults, below
from shared import clock

PREFIX = "member.attributes."
BIRTHDAY = "birthday"
KINDS: Mapping[Type, str] = {
    Type.INTEGER: "integer",
    Type.TEXT: "text",
    Type.ENUM: "text",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.INSTANT: "instant",
    Type.TEXTS: "texts",
}
# Key → the kind of its value → the value: `{"birthday": {"date": "2000-02-29"}}`.
Stored = Mapping[str, Mapping[str, Any]]


class Unfit(NamedTuple):
    """A stored value that counts as missing: the schema has no such key, another type, or not this value."""

    key: str
    code: Literal["unknown_key", "other_type", "other_values"]


def read_attributes(value: Mapping[str, Any], schema: Schema, *, pointer: str) -> Stored:
    """Return the attributes that a JSON object says, as they are stored.

    :raises RulesInvalid: a key is unknown, or a value not of its type; with all that is wrong.
    """
    faults, fields, found = Faults(), fields_of(schema), dict[str, dict[str, Any]]()
    for key, said in value.items():
        if field := fields.get(PREFIX + key):
            try:
                found[key] = {KINDS[field.type]: in_json(typed(field, said))}
            except ValueError as error:
                faults.add(below(pointer, key), "wrong_value", str(error))
        else:
            faults.add(below(pointer, key), "unknown_key", "The programme's schema has no such attribute.")
    faults.refuse()
    return found


def values_of(stored: Stored, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return stored values by the names of their fields, as conditions ask them; what does not fit is missing."""
    names = {key: fields.get(PREFIX + key) for key in stored}
    found = {field.name: _fitted(field, stored[key]) for key, field in names.items() if field}
    return {name: value for name, value in found.items() if value is not None}


def fitting(stored: Stored, schema: Schema) -> tuple[dict[str, Any], list[Unfit]]:
    """Return stored values as they are said in JSON, and those that count as missing."""
    fields = fields_of(schema)
    return said_by(stored, fields), list(_unfit(stored, fields))


def said_by(stored: Stored, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return stored values as they are said in JSON; what does not fit is missing."""
    return {name.removeprefix(PREFIX): in_json(value) for name, value in values_of(stored, fields).items()}


def birthday_of(stored: Stored) -> int | None:
    """Return the day of the year of a member's birthday, as 229 for 29 February; None where it is not known."""
    said = stored.get(BIRTHDAY, {}).get("date")
    return int(said[-5:].replace("-", "")) if said else None


def _unfit(stored: Stored, fields: Mapping[str, Field]) -> Iterator[Unfit]:
    for key, entry in sorted(stored.items()):
        field = fields.get(PREFIX + key)
        if field is None:
            yield Unfit(key, "unknown_key")
        elif KINDS[field.type] not in entry:
            yield Unfit(key, "other_type")
        elif _fitted(field, entry) is None:
            yield Unfit(key, "other_values")


def _fitted(field: Field, entry: Mapping[str, Any]) -> Any:
    """Return a stored value of Python's type; None where it is of another kind, or not among an enum's values."""
    kind = KINDS[field.type]
    if kind not in entry:
        return None
    try:
        return typed(field, entry[kind])
    except ValueError:
        return None


def in_json(value: Any) -> Any:
    """Return a value as JSON says it."""
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
