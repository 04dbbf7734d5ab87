"""Reads a condition from JSON, and says all that is wrong with it."""

from collections.abc import Collection, Mapping
from typing import Any

from points.earning.rules.conditions.fields import OPERATORS, TIER, Field, Type, typed
from points.earning.rules.conditions.tree import All, AnyLine, AnyOf, Condition, Leaf, Not, texts_asked
from points.earning.rules.faults import Faults, below

DEEPEST = 6
MOST_NODES = 100
MOST_VALUES = 100
_NODES: tuple[set[str], ...] = ({"all"}, {"any"}, {"not"}, {"any_line"}, {"field", "op", "value"})
_EXPECTED = "One of `all`, `any`, `not`, `any_line` is expected, or `field`, `op` and `value`, and no other member."


def read_condition(
    value: Any, fields: Mapping[str, Field], *, places: Collection[str] | None = None, pointer: str = ""
) -> Condition:
    """Return the condition that a JSON value says.

    `places` are those whose fields it may ask: by default all but `line`, which `any_line` alone asks.

    :raises RulesInvalid: it says none; with all that is wrong, each with a pointer that begins with `pointer`.
    """
    faults = Faults()
    found = condition_of(value, fields, faults, places=places, pointer=pointer)
    faults.refuse()
    assert found
    return found


def condition_of(
    value: Any, fields: Mapping[str, Field], faults: Faults, *, places: Collection[str] | None, pointer: str
) -> Condition | None:
    """Return the condition that a JSON value says; None where it has a fault, which is noted."""
    if places is None:
        places = {field.place for field in fields.values()} - {"line"}
    before = len(faults.found)
    found = _Reader(fields, faults, pointer).node(value, pointer, places, 1)
    return None if len(faults.found) > before else found


class _Reader:
    """Walks a tree once, and goes no further where it is too deep or too large."""

    def __init__(self, fields: Mapping[str, Field], faults: Faults, root: str) -> None:
        self.fields, self.faults, self.root, self.nodes = fields, faults, root, 0

    def node(self, value: Any, pointer: str, places: Collection[str], depth: int) -> Condition | None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            if self.nodes == MOST_NODES + 1:
                self.faults.add(self.root, "too_many_nodes", f"At most {MOST_NODES} nodes are taken.")
            return None
        if depth > DEEPEST:
            return self._wrong(pointer, "too_deep", f"At most {DEEPEST} nodes may stand within each other.")
        names = set(value) if isinstance(value, dict) else set()
        wanted = next((node for node in _NODES if node & names), set())
        for name in sorted(names - wanted) if wanted else ():
            self._wrong(below(pointer, name), "unknown_member", _EXPECTED)
        if not wanted or wanted - names:
            return self._wrong(pointer, "no_node", _EXPECTED)
        if "field" in wanted:
            return self._leaf(value, pointer, places)
        (name,) = wanted
        return self._inner(name, value[name], below(pointer, name), places, depth)

    def _inner(self, name: str, inner: Any, pointer: str, places: Collection[str], depth: int) -> Condition | None:
        if name in ("all", "any"):
            return self._several(name, inner, pointer, places, depth)
        if name == "any_line":
            if "purchase" not in places:
                return self._wrong(pointer, "no_lines_here", "There are no lines here to ask.")
            places = {"line"}
        found = self.node(inner, pointer, places, depth + 1)
        return found and (Not(found) if name == "not" else AnyLine(found))

    def _several(self, name: str, inner: Any, pointer: str, places: Collection[str], depth: int) -> Condition | None:
        if not isinstance(inner, list) or not inner:
            return self._wrong(pointer, "no_list", "A list of at least one condition is expected.")
        found = []
        for place, one in enumerate(inner):
            found.append(self.node(one, below(pointer, place), places, depth + 1))
            if self.nodes > MOST_NODES:
                return None
        conditions = tuple(one for one in found if one)
        return All(conditions) if name == "all" else AnyOf(conditions)

    def _leaf(self, value: dict[str, Any], pointer: str, places: Collection[str]) -> Condition | None:
        name, op = value["field"], value["op"]
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            return self._wrong(below(pointer, "field"), "unknown_field", "There is no such field.")
        if field.place not in places:
            return self._wrong(below(pointer, "field"), "field_not_here", "This field cannot be asked here.")
        if op not in OPERATORS[field.type]:
            known = ", ".join(OPERATORS[field.type])
            return self._wrong(below(pointer, "op"), "unknown_operator", f"One of {known} is expected for {name}.")
        try:
            leaf = Leaf(field, op, _value(field, op, value["value"]))
        except ValueError as error:
            return self._wrong(below(pointer, "value"), "wrong_value", str(error))
        if field.known is not None and (unknown := sorted(texts_asked(leaf, name) - field.known)):
            kind = "tier" if name == TIER else "segment"
            detail = f"There is no {kind} {', '.join(unknown)}."
            return self._wrong(below(pointer, "value"), f"unknown_{kind}", detail)
        return leaf

    def _wrong(self, pointer: str, code: str, detail: str) -> Condition | None:
        """Note a fault, and return what stands for a node that has one."""
        self.faults.add(pointer, code, detail)
        return None


def _value(field: Field, op: str, value: Any) -> Any:
    if op == "exists":
        if type(value) is not bool:
            raise ValueError("True or false is expected.")
        return value
    if op in ("in", "not_in", "has_any"):
        if not isinstance(value, list) or not 0 < len(value) <= MOST_VALUES:
            raise ValueError(f"A list of 1 to {MOST_VALUES} values is expected.")
        return tuple(_one(field, one) for one in value)
    if op == "between":
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError("A list of two values is expected.")
        low, high = (_one(field, one) for one in value)
        if low > high:
            raise ValueError("The lower value is expected first.")
        return low, high
    return _one(field, value)


def _one(field: Field, value: Any) -> Any:
    return typed(field, [value])[0] if field.type is Type.TEXTS else typed(field, value)
