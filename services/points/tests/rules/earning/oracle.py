"""Conditions as JSONLogic, for an engine that somebody else wrote."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from datalogic_py import Engine

from points.earning.rules.conditions.fields import Type, typed
from tests.rules.earning.strategies import FIELDS

ENGINE = Engine()


def answer(tree: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Tell what the other engine answers."""
    found = ENGINE.compile(_logic(tree)).evaluate(_data(values))
    assert isinstance(found, bool)
    return found


def _logic(tree: Mapping[str, Any]) -> dict[str, Any]:
    if "all" in tree:
        return {"and": [_logic(one) for one in tree["all"]]}
    if "any" in tree:
        return {"or": [_logic(one) for one in tree["any"]]}
    if "not" in tree:
        return {"!": [_logic(tree["not"])]}
    if "any_line" in tree:
        return {"some": [{"var": "lines"}, _logic(tree["any_line"])]}
    return _leaf(tree["field"], tree["op"], tree["value"])


def _leaf(name: str, op: str, value: Any) -> dict[str, Any]:
    there: dict[str, Any] = {"!==": [{"var": name}, None]}
    if op == "exists":
        return there if value else {"!": [there]}
    return {"and": [there, _asked(name, op, value)]}


def _asked(name: str, op: str, value: Any) -> dict[str, Any]:
    field, var = FIELDS[name], {"var": name}
    several = isinstance(value, list)
    read = str if field.type is Type.TEXTS else lambda one: _number(typed(field, one))
    asked: Any = [read(one) for one in value] if several else read(value)
    logic: dict[str, dict[str, Any]] = {
        "in": {"in": [var, asked]},
        "not_in": {"!": [{"in": [var, asked]}]},
        "has": {"in": [asked, var]},
        "has_any": {"or": [{"in": [one, var]} for one in asked]} if several else {},
        "starts_with": {"starts_with": [var, asked]},
        "eq": {"===": [var, asked]},
        "ne": {"!==": [var, asked]},
        "gt": {">": [var, asked]},
        "gte": {">=": [var, asked]},
        "lt": {"<": [var, asked]},
        "lte": {"<=": [var, asked]},
    }
    if op == "between":
        return {"and": [{">=": [var, asked[0]]}, {"<=": [var, asked[1]]}]}
    return logic[op]


def _data(values: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(".")
        place = data
        for step in path:
            place = place.setdefault(step, {})
        place[last] = [_data(line) for line in value] if name == "lines" else _number(value)
    return data


def _number(value: Any) -> Any:
    """Write days and instants as whole numbers, and lists as lists: JSONLogic has no others."""
    if isinstance(value, datetime):
        return int(value.timestamp()) * 10**6 + value.microsecond
    if isinstance(value, date):
        return value.toordinal()
    return list(value) if isinstance(value, tuple) else value
