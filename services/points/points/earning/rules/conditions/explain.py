"""The explaining interpreter: the same answer as the fast one, and for each node what was asked and what was there.

It is written apart from the fast one, so that tests can hold the two against each other.
"""

from __future__ import annotations

from operator import ge, gt, le, lt
from typing import Any

from msgspec import Struct

from points.earning.rules.conditions.closures import LINES, Values
from points.earning.rules.conditions.tree import All, AnyLine, AnyOf, Condition, Leaf, Not


class Explained(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A node with its answer. A leaf has what it asked and `found`, which is None where the value `is_missing`.

    `parts` are the nodes in it; of `any_line` its node once for each line, in their order. All are asked, though the
    first few may have decided.
    """

    kind: str
    is_met: bool
    field: str | None = None
    op: str | None = None
    asked: Any = None
    found: Any = None
    is_missing: bool = False
    parts: tuple[Explained, ...] = ()


def explained(condition: Condition, values: Values) -> Explained:
    """Return whether facts meet a condition, and why."""
    match condition:
        case Leaf():
            return _leaf(condition, values)
        case All(conditions):
            parts = tuple(explained(one, values) for one in conditions)
            return Explained(kind="all", is_met=all(part.is_met for part in parts), parts=parts)
        case AnyOf(conditions):
            parts = tuple(explained(one, values) for one in conditions)
            return Explained(kind="any", is_met=any(part.is_met for part in parts), parts=parts)
        case Not(inner):
            part = explained(inner, values)
            return Explained(kind="not", is_met=not part.is_met, parts=(part,))
        case AnyLine(inner):
            parts = tuple(explained(inner, line) for line in values.get(LINES, ()))
            return Explained(kind="any_line", is_met=any(part.is_met for part in parts), parts=parts)


def _leaf(leaf: Leaf, values: Values) -> Explained:
    found = values.get(leaf.field.name)
    return Explained(
        kind="leaf",
        is_met=_is_met(leaf, found),
        field=leaf.field.name,
        op=leaf.op,
        asked=leaf.value,
        found=found,
        is_missing=found is None,
    )


_ORDER = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


def _is_met(leaf: Leaf, found: Any) -> bool:
    op, asked = leaf.op, leaf.value
    if op == "exists":
        return (found is not None) is asked
    if found is None:
        return False
    if op in _ORDER:
        return bool(_ORDER[op](found, asked))
    if op in ("in", "not_in"):
        return (found in asked) is (op == "in")
    if op == "between":
        return bool(asked[0] <= found <= asked[1])
    return _is_met_by_text(op, found, asked)


def _is_met_by_text(op: str, found: Any, asked: Any) -> bool:
    if op == "starts_with":
        return bool(found[: len(asked)] == asked)
    if op == "has":
        return bool(asked in found)
    if op == "has_any":
        return any(one in found for one in asked)
    return bool((found == asked) == (op == "eq"))
