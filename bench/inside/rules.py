"""How many earning rules one process evaluates in a second of a processor, without a database.

`PYTHONPATH=services/points:shared .venv/bin/python -m bench.inside.rules` prints it; nothing has to be up. `make bench`
has a row of it (`bench/rule_row.py`).
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from points.earning.rules import (
    Facts,
    Line,
    Schema,
    Trigger,
    compiled,
    evaluate,
    explained,
    facts_of,
    fields_of,
    read_condition,
    read_rules,
    ready,
)

FIELDS = fields_of(Schema())
# The nine questions of a rule as merchants make them; the cart meets them all.
CONDITION = {
    "all": [
        {"field": "purchase.amount", "op": "gte", "value": 2000},
        {"field": "purchase.currency", "op": "eq", "value": "EUR"},
        {"field": "purchase.channel", "op": "in", "value": ["web", "app"]},
        {"field": "time.weekday", "op": "in", "value": ["saturday", "sunday"]},
        {"field": "time.hour", "op": "between", "value": [8, 20]},
        {"any": [
            {"field": "purchase.store", "op": "eq", "value": "s1"},
            {"field": "member.segments", "op": "has", "value": "vip"},
        ]},
        {"any_line": {"all": [
            {"field": "line.category", "op": "eq", "value": "shoes"},
            {"field": "line.amount", "op": "gte", "value": 2500},
        ]}},
    ]
}  # fmt: skip
PER_AMOUNT = {"kind": "per_amount", "points": 1, "amount": 100}


def rules() -> dict[str, int]:
    """Return how often a second: one condition, its explanation, and rules as a purchase looks at a hundred of them."""
    facts, condition = _facts(), read_condition(CONDITION, FIELDS)
    test = compiled(condition)
    assert test(facts.values)
    return {
        "conditions": _rate(lambda: test(facts.values)),
        "explanations": _rate(lambda: explained(condition, facts.values)),
        "purchases by one rule that is met": _rate(_purchase(facts, 1, PER_AMOUNT)),
        "rules of 100, none met": 100 * _rate(_purchase(facts, 100, PER_AMOUNT, met=0)),
        "rules of 100, two met": 100 * _rate(_purchase(facts, 100, PER_AMOUNT, met=2)),
        "rules of 100, all met, fixed": 100 * _rate(_purchase(facts, 100, {"kind": "fixed", "points": 5})),
        "rules of 100, all met, by amount": 100 * _rate(_purchase(facts, 100, PER_AMOUNT)),
    }


def _purchase(facts: Facts, number: int, effect: dict[str, Any], *, met: int | None = None) -> Callable[[], Any]:
    """Return a purchase of which so many rules are asked; it meets the first ones, or all. It is a Saturday: others are
    not met by their last question."""
    days = ["saturday" if met is None or place < met else "monday" for place in range(number)]
    rules = [_rule(f"r{place}", effect, day) for place, day in enumerate(days)]
    asked = ready(read_rules({"language": 1, "stacking": "all", "rules": rules}, FIELDS))
    outcome = evaluate(asked, facts, {})
    assert sum(one.is_met for one in outcome.rules) == days.count("saturday")
    return lambda: evaluate(asked, facts, {})


def _rule(name: str, effect: dict[str, Any], day: str) -> dict[str, Any]:
    asked = {"all": [*CONDITION["all"], {"field": "time.weekday", "op": "eq", "value": day}]}
    return {"id": name, "name": "x", "trigger": "purchase", "effect": effect, "condition": asked}


def _rate(work: Callable[[], Any]) -> int:
    """Return how often a second, the best of three: what else the machine does only takes away."""
    return max(_once(work) for _ in range(3))


def _once(work: Callable[[], Any]) -> int:
    done, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < 0.5:
        for _ in range(20):
            work()
        done += 20
    return round(done / spent)


def _facts() -> Facts:
    lines = [
        Line(line_id="1", amount=1001, quantity=1, values={"line.category": "books", "line.amount": 1001}),
        Line(line_id="2", amount=3333, quantity=1, values={"line.category": "shoes", "line.amount": 3333}),
    ]
    values = {"purchase.amount": 4334, "purchase.currency": "EUR", "purchase.channel": "web"}
    at = datetime(2026, 3, 7, 11, tzinfo=UTC)
    found = {"trigger": Trigger.PURCHASE, "at": at, "timezone": "Europe/Berlin", "amount": 4334}
    return facts_of(FIELDS, values=values | {"member.segments": ("vip",)}, lines=lines, **found)


if __name__ == "__main__":
    print(json.dumps(rules(), indent=2))
