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


# What asks for no whole text.
_OF_NO_TEXT = ("exists", "starts_with")


def leaves(condition: Condition | None) -> Iterator[Leaf]:
    """Yield what a condition asks."""
    match condition:
        case Leaf():
            yield condition
        case All(conditions) | AnyOf(conditions):
            for one in conditions:
                yield from leaves(one)
        case Not(inner) | AnyLine(inner):
            yield from leaves(inner)


def fields_asked(condition: Condition | None) -> Iterator[str]:
    """Yield the names of the fields that a condition asks."""
    return (leaf.field.name for leaf in leaves(condition))


def texts_asked(condition: Condition | None, name: str) -> set[str]:
    """Return the texts of which a condition asks whether they are a field's, or among those of it."""
    asked = [leaf.value for leaf in leaves(condition) if leaf.field.name == name and leaf.op not in _OF_NO_TEXT]
    return {text for value in asked for text in ((value,) if isinstance(value, str) else value)}
