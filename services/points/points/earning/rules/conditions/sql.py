"""The interpreter for many at once: a condition as a WHERE over columns, with values as parameters only."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from points.earning.rules.conditions.fields import Field, Type
from points.earning.rules.conditions.tree import All, AnyLine, AnyOf, Condition, Leaf, Not


class Columns(Struct, frozen=True, kw_only=True):
    """Where SQL finds what conditions ask.

    `column` gives a field's SQL expression, whose type is that of the field (bigint, text, boolean, date, timestamptz,
    text[]); it is NULL where the value is missing or of another type. `lines` is what stands after FROM to find the
    lines of the row that is asked, its WHERE included; the columns of `line.` fields are of these. Both are constants
    of the code and no text of a caller, and a `%` in them is doubled.
    """

    column: Callable[[Field], str]
    lines: str | None = None


_TYPES = {
    Type.INTEGER: "bigint",
    Type.TEXT: "text",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.INSTANT: "timestamptz",
    Type.TEXTS: "text",
    Type.ENUM: "text",
}
_COMPARED = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def sql(condition: Condition, columns: Columns, *, prefix: str = "c") -> tuple[str, dict[str, Any]]:
    """Return a condition as text and parameters (`%(c0)s`, …) for psycopg; a leaf is true or false, and never NULL."""
    writer = _Writer(columns, prefix)
    return writer.node(condition), writer.parameters


class _Writer:
    def __init__(self, columns: Columns, prefix: str) -> None:
        self.columns, self.prefix = columns, prefix
        self.parameters: dict[str, Any] = {}

    def node(self, condition: Condition) -> str:
        match condition:
            case Leaf():
                return self._leaf(condition)
            case All(conditions):
                return f"({' AND '.join(map(self.node, conditions))})"
            case AnyOf(conditions):
                return f"({' OR '.join(map(self.node, conditions))})"
            case Not(inner):
                return f"(NOT {self.node(inner)})"
            case AnyLine(inner):
                assert self.columns.lines, "somebody asks for lines where none can be found"
                # Whoever gives `lines` has its WHERE there.
                return f"EXISTS (SELECT FROM {self.columns.lines} AND {self.node(inner)})"

    def _leaf(self, leaf: Leaf) -> str:
        column, kind = self.columns.column(leaf.field), _TYPES[leaf.field.type]
        if leaf.op == "exists":
            return f"({column} IS {'NOT ' if leaf.value else ''}NULL)"
        return f"coalesce({self._asked(leaf, column, kind)}, false)"

    def _asked(self, leaf: Leaf, column: str, kind: str) -> str:
        if leaf.op in _COMPARED:
            return f"{column} {_COMPARED[leaf.op]} {self._parameter(leaf.value)}::{kind}"
        if leaf.op == "between":
            low, high = map(self._parameter, leaf.value)
            return f"{column} BETWEEN {low}::{kind} AND {high}::{kind}"
        value = self._parameter(list(leaf.value) if isinstance(leaf.value, tuple) else leaf.value)
        return _OTHERS[leaf.op].format(column=column, value=value, kind=kind)

    def _parameter(self, value: Any) -> str:
        name = f"{self.prefix}{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s"


_OTHERS = {
    "in": "{column} = ANY({value}::{kind}[])",
    "not_in": "{column} <> ALL({value}::{kind}[])",
    "starts_with": "starts_with({column}, {value}::text)",
    "has": "{value}::text = ANY({column})",
    "has_any": "{column} && {value}::text[]",
}
