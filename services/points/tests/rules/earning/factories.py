"""What tests of earning rules are made of."""

from typing import Any

from points.earning.rules import (
    Counter,
    Facts,
    Line,
    Outcome,
    Rounding,
    Trigger,
    evaluate,
    facts_of,
    read_rules,
    ready,
)
from shared.instants import read_instant
from tests.rules.earning.reference import Cart
from tests.rules.earning.strategies import DAY, FIELDS

# Midnight of the seventh of March in Berlin.
AT = read_instant("2026-03-06T23:00:00Z")
PER_EURO = {"kind": "per_amount", "points": 1, "amount": 100}
DOUBLE = {"kind": "multiplier", "hundredths": 200}
SHOES = {"field": "line.category", "op": "eq", "value": "shoes"}


def rule(name: str, effect: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Return a rule of purchases, named by its id."""
    return {"id": name, "name": name, "trigger": "purchase", "effect": effect, **others}


def fixed(points: int) -> dict[str, Any]:
    """Return an effect of so many points."""
    return {"kind": "fixed", "points": points}


def rule_set(*rules: dict[str, Any], stacking: str = "all") -> dict[str, Any]:
    """Return a set of rules."""
    return {"language": 1, "stacking": stacking, "rules": list(rules)}


def line(name: str, amount: int, *, quantity: int = 1, category: str | None = None, **values: Any) -> dict[str, Any]:
    """Return a line of a cart; one that nobody vouches for has no category."""
    known = None if category is None else {"line.category": category, **values}
    return {"id": name, "amount": amount, "quantity": quantity, "values": known}


def cart(*lines: dict[str, Any], rest: int = 0, earning: int | None = None, **values: Any) -> Cart:
    """Return a purchase of lines, and of `rest` beyond them."""
    amount = sum(one["amount"] for one in lines) + rest
    known = {f"purchase.{name}": value for name, value in values.items()}
    return Cart("purchase", DAY, known, amount, earning, list(lines))


def facts(happened: Cart) -> Facts:
    """Return what happened as the engine takes it."""
    names = {"line_id": "id", "amount": "amount", "quantity": "quantity", "values": "values"}
    lines = [Line(**{ours: one[theirs] for ours, theirs in names.items()}) for one in happened.lines]
    return facts_of(
        FIELDS,
        trigger=Trigger(happened.trigger),
        values=happened.values,
        at=AT,
        timezone="Europe/Berlin",
        amount=happened.amount,
        earning=happened.earning,
        lines=lines,
    )


def outcome(
    document: dict[str, Any], happened: Cart, uses: dict[Counter, int] | None = None, rounding: str = "floor"
) -> Outcome:
    """Return what a document's rules give."""
    return evaluate(ready(read_rules(document, FIELDS)), facts(happened), uses or {}, Rounding(rounding))
