"""The fast interpreter: a condition as one Python function of the facts."""

from collections.abc import Callable, Mapping
from typing import Any

from points.earning.rules.conditions.tree import All, AnyLine, AnyOf, Condition, Leaf, Not

# What conditions ask: a field's name → its value, and `lines` → one such mapping for each line.
Values = Mapping[str, Any]
Test = Callable[[Values], bool]
LINES = "lines"


def compiled(condition: Condition) -> Test:
    """Return a function that tells whether facts meet a condition."""
    match condition:
        case Leaf():
            return _LEAVES[condition.op](condition.field.name, condition.value)
        case All(conditions):
            return _all(tuple(map(compiled, conditions)))
        case AnyOf(conditions):
            return _any(tuple(map(compiled, conditions)))
        case Not(inner):
            return _not(compiled(inner))
        case AnyLine(inner):
            return _any_line(compiled(inner))


def _all(tests: tuple[Test, ...]) -> Test:
    def test(values: Values) -> bool:
        for one in tests:  # noqa: SIM110 - a loop is twice as fast as a generator
            if not one(values):
                return False
        return True

    return test


def _any(tests: tuple[Test, ...]) -> Test:
    def test(values: Values) -> bool:
        for one in tests:  # noqa: SIM110
            if one(values):
                return True
        return False

    return test


def _not(inner: Test) -> Test:
    return lambda values: not inner(values)


def _any_line(inner: Test) -> Test:
    def test(values: Values) -> bool:
        for line in values.get(LINES, ()):  # noqa: SIM110
            if inner(line):
                return True
        return False

    return test


def _eq(name: str, asked: Any) -> Test:
    return lambda values: bool(values.get(name) == asked)


def _ne(name: str, asked: Any) -> Test:
    return lambda values: (found := values.get(name)) is not None and bool(found != asked)


def _in(name: str, asked: tuple[Any, ...]) -> Test:
    known = frozenset(asked)
    return lambda values: values.get(name) in known


def _not_in(name: str, asked: tuple[Any, ...]) -> Test:
    known = frozenset(asked)
    return lambda values: (found := values.get(name)) is not None and found not in known


def _gt(name: str, asked: Any) -> Test:
    return lambda values: (found := values.get(name)) is not None and bool(found > asked)


def _gte(name: str, asked: Any) -> Test:
    return lambda values: (found := values.get(name)) is not None and bool(found >= asked)


def _lt(name: str, asked: Any) -> Test:
    return lambda values: (found := values.get(name)) is not None and bool(found < asked)


def _lte(name: str, asked: Any) -> Test:
    return lambda values: (found := values.get(name)) is not None and bool(found <= asked)


def _between(name: str, asked: tuple[Any, Any]) -> Test:
    low, high = asked
    return lambda values: (found := values.get(name)) is not None and bool(low <= found <= high)


def _starts_with(name: str, asked: str) -> Test:
    return lambda values: (found := values.get(name)) is not None and bool(found.startswith(asked))


def _has(name: str, asked: str) -> Test:
    return lambda values: asked in (values.get(name) or ())


def _has_any(name: str, asked: tuple[str, ...]) -> Test:
    known = frozenset(asked)
    return lambda values: not known.isdisjoint(values.get(name) or ())


def _exists(name: str, asked: bool) -> Test:
    return lambda values: (values.get(name) is not None) is asked


_LEAVES: Mapping[str, Callable[[str, Any], Test]] = {
    "eq": _eq,
    "ne": _ne,
    "in": _in,
    "not_in": _not_in,
    "gt": _gt,
    "gte": _gte,
    "lt": _lt,
    "lte": _lte,
    "between": _between,
    "starts_with": _starts_with,
    "has": _has,
    "has_any": _has_any,
    "exists": _exists,
}
