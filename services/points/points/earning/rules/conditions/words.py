"""A condition as a sentence for people. It is rendered and never parsed."""

from datetime import date, datetime
from typing import Any

from points.earning.rules.conditions.fields import Field
from points.earning.rules.conditions.tree import All, AnyLine, AnyOf, Condition, Leaf, Not
from shared.money import EXPONENTS

_WORDS = {
    "eq": "is",
    "ne": "is not",
    "gt": ">",
    "gte": "≥",
    "lt": "<",
    "lte": "≤",
    "in": "is one of",
    "not_in": "is none of",
    "has": "has",
    "has_any": "has one of",
    "starts_with": "starts with",
    "between": "is from",
}


def in_words(condition: Condition, *, currency: str) -> str:
    """Return a condition in words: `amount ≥ 20.00 EUR and any line with category is shoes`."""
    match condition:
        case Leaf():
            return _leaf(condition, currency)
        case All(conditions):
            return " and ".join(_inner(one, currency) for one in conditions)
        case AnyOf(conditions):
            return " or ".join(_inner(one, currency) for one in conditions)
        case Not(inner):
            return f"not {_inner(inner, currency)}"
        case AnyLine(inner):
            return f"any line with {_inner(inner, currency)}"


def _inner(condition: Condition, currency: str) -> str:
    text = in_words(condition, currency=currency)
    return f"({text})" if isinstance(condition, All | AnyOf) and len(condition.conditions) > 1 else text


def _leaf(leaf: Leaf, currency: str) -> str:
    if leaf.op == "exists":
        return f"{leaf.field.title} is {'known' if leaf.value else 'missing'}"
    return f"{leaf.field.title} {_WORDS[leaf.op]} {_value(leaf, currency)}"


def _value(leaf: Leaf, currency: str) -> str:
    if not isinstance(leaf.value, tuple):
        return _one(leaf.field, leaf.value, currency)
    values = [_one(leaf.field, one, currency) for one in leaf.value]
    return " to ".join(values) if leaf.op == "between" else ", ".join(values)


def _one(field: Field, value: Any, currency: str) -> str:
    if field.is_money:
        return money(value, currency)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def money(amount: int, currency: str) -> str:
    """Return an amount in minor units as people write it: `20.00 EUR`."""
    digits = EXPONENTS[currency]
    whole, part = divmod(abs(amount), 10**digits)
    text = f"{whole}.{part:0{digits}d}" if digits else str(whole)
    return f"{'-' if amount < 0 else ''}{text} {currency}"
