"""A condition as it was read and checked: a tree of five kinds of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from points.earning.rules.conditions.fields import Field


class Leaf(Struct, frozen=True):
    """Asks one field."""

    field: Field
    op: str
    value: Any


class All(Struct, frozen=True):
    """Every one of the conditions is met."""

    conditions: tuple[Condition, ...]


class AnyOf(Struct, frozen=True):
    """At least one of the conditions is met."""

    conditions: tuple[Condition, ...]


class Not(Struct, frozen=True):
    """The condition is not met."""

    condition: Condition


class AnyLine(Struct, frozen=True):
    """At least one line of the purchase meets the condition, which asks fields of lines only."""

    condition: Condition


Condition = Leaf | All | AnyOf | Not | AnyLine


def fields_asked(condition: Condition | None) -> Iterator[str]:
    """Yield the names of the fields that a condition asks."""
    match condition:
        case Leaf(field):
            yield field.name
        case All(conditions) | AnyOf(conditions):
            for one in conditions:
                yield from fields_asked(one)
        case Not(inner) | AnyLine(inner):
            yield from fields_asked(inner)
