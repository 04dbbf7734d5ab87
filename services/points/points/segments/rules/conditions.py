"""The condition of a segment: it asks a member's attributes, and nothing else."""

import re
from collections.abc import Mapping
from typing import Any

from points.earning.rules import Columns, Condition, Field, Type, read_condition
from points.segments.rules.attributes import KINDS, PREFIX

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}", re.ASCII)
_CASTS = {"integer": "bigint", "text": "text", "boolean": "boolean", "date": "date", "instant": "timestamptz"}


def own_fields(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the fields that segments may ask, and those that they ask in vain: of all but members."""
    return {name: field for name, field in fields.items() if field.place != "member" or name.startswith(PREFIX)}


def read_segment(value: Any, fields: Mapping[str, Field], *, pointer: str) -> Condition:
    """Return the condition of a segment that a JSON value says.

    :raises RulesInvalid: it says none; with all that is wrong, each with a pointer that begins with `pointer`.
    """
    return read_condition(value, own_fields(fields), places={"member"}, pointer=pointer)


def columns_of(table: str) -> tuple[Columns, dict[str, Any]]:
    """Return where SQL finds attributes in a table that has them as they are stored, and the parameters of that.

    They are complete once the condition was written. Keys are letters, digits, `-` and `_` alone.
    """
    parameters: dict[str, Any] = {}

    def column(field: Field) -> str:
        key, kind = field.name.removeprefix(PREFIX), KINDS[field.type]
        assert _KEY.fullmatch(key), "a schema has no other keys"
        path = f"'{{{key},{kind}}}'"
        if field.type is Type.TEXTS:
            there = f"{table}.attributes #> {path}"
            return f"CASE WHEN {there} IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text({there})) END"
        found = f"({table}.attributes #>> {path})::{_CASTS[kind]}"
        if field.type is not Type.ENUM:
            return found
        name = f"values_{len(parameters)}"
        parameters[name] = list(field.values)
        return f"CASE WHEN {found} = ANY(%({name})s::text[]) THEN {found} END"

    return Columns(column=column), parameters
