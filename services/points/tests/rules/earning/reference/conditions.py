"""Whether facts meet a condition, read from its JSON."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

TYPES = {"purchase.metadata.at": datetime.fromisoformat, "purchase.metadata.due": date.fromisoformat}
TYPES["time.date"] = date.fromisoformat


def holds(tree: Mapping[str, Any], values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]] = ()) -> bool:
    """Tell whether facts meet a condition; `lines` are those that conditions may ask."""
    if "all" in tree:
        return not [one for one in tree["all"] if not holds(one, values, lines)]
    if "any" in tree:
        return bool([one for one in tree["any"] if holds(one, values, lines)])
    if "not" in tree:
        return not holds(tree["not"], values, lines)
    if "any_line" in tree:
        return bool([line for line in lines if holds(tree["any_line"], line)])
    return _leaf(tree["field"], tree["op"], tree["value"], values)


def _leaf(field: str, op: str, asked: Any, values: Mapping[str, Any]) -> bool:
    if op == "exists":
        return (field in values) == asked
    if field not in values:
        return False
    found, read = values[field], TYPES.get(field, lambda written: written)
    several = [read(one) for one in asked] if isinstance(asked, list) else []
    answers = {
        "in": lambda: found in several,
        "not_in": lambda: found not in several,
        "between": lambda: several[0] <= found <= several[1],
        "has": lambda: asked in found,
        "has_any": lambda: bool(set(asked) & set(found)),
        "starts_with": lambda: found[: len(asked)] == asked,
        "eq": lambda: found == read(asked),
        "ne": lambda: found != read(asked),
        "gt": lambda: found > read(asked),
        "gte": lambda: found >= read(asked),
        "lt": lambda: found < read(asked),
        "lte": lambda: found <= read(asked),
    }
    return bool(answers[op]())
