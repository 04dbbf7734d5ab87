"""What rules give, step by step as the page says it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any

from tests.rules.earning.reference.conditions import holds

REST, FIXED = "the rest", "fixed"
# Unit, base, giver.
Cell = tuple[str, str, str]
ROUND: dict[str, Callable[[Fraction], int]] = {
    "floor": floor,
    "ceil": ceil,
    "half_up": lambda exact: floor(exact + Fraction(1, 2)),
}


@dataclass
class Cart:
    """What happened, in an hour of a day: `lines` have `id`, `amount`, `quantity`, and `values`, or None where
    nobody vouches for them."""

    trigger: str
    day: date
    values: dict[str, Any]
    amount: int = 0
    earning: int | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)
    hour: int = 0

    @property
    def known(self) -> dict[str, Any]:
        """Return what is known beside the lines."""
        time = {"time.weekday": self.day.strftime("%A").lower(), "time.hour": self.hour, "time.date": self.day}
        return self.values | time

    def values_of(self, unit: str) -> dict[str, Any] | None:
        """Return what is known of a line."""
        found: dict[str, Any] | None = next((line["values"] for line in self.lines if line["id"] == unit), None)
        return found

    @property
    def asked_lines(self) -> list[dict[str, Any]]:
        """Return the lines that conditions may ask."""
        return [line["values"] for line in self.lines if line["values"] is not None]


@dataclass
class Earned:
    """What was earned: whole points of each cell, and why other rules gave nothing."""

    cells: dict[Cell, int]
    why: dict[str, str]
    counted: dict[tuple[str, str, str], int]


def spread(total: int, exact: Mapping[Any, Fraction]) -> dict[Any, int]:
    """Share a whole total: each rounded down, the rest to the largest remainders, ties to the earlier."""
    parts = {key: floor(value) for key, value in exact.items()}
    for key in sorted(exact, key=lambda key: parts[key] - exact[key])[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def in_proportion(total: int, weights: Mapping[Any, Fraction | int]) -> dict[Any, int]:
    """Share a whole total in proportion."""
    whole = Fraction(sum(weights.values()))
    return spread(total, {key: total * weight / whole for key, weight in weights.items()})


def earn(document: Mapping[str, Any], cart: Cart, uses: Mapping[tuple[str, str, str], int], mode: str) -> Earned:
    """Return what a set of rules gives."""
    rules = sorted(document["rules"], key=lambda rule: rule.get("priority", 0))
    triggers = {"purchase", "first_purchase"} if cart.trigger == "purchase" else {cart.trigger}
    looked = [rule for rule in rules if rule["trigger"] in triggers]
    why = {rule["id"]: _why_not(rule, cart, uses) for rule in looked}
    order = [rule for rule in looked if not why[rule["id"]]]
    exact, counting = _exact(order, cart, document["stacking"])
    limited = _capped(order, exact, cart, uses, mode)
    cells = _rounded(exact, mode)
    for rule in order:
        if not _own(rule, cells):
            name = rule["id"]
            why[name] = "limit" if name in limited else "no_points" if name in counting else "stacking"
    return Earned(
        {cell: points for cell, points in cells.items() if points},
        {name: reason for name, reason in why.items() if reason},
        _counted(order, cells, cart.day),
    )


def _why_not(rule: Mapping[str, Any], cart: Cart, uses: Mapping[tuple[str, str, str], int]) -> str:
    if rule["trigger"] == "first_purchase" and cart.values.get("member.is_first_purchase") is not True:
        return "not_first_purchase"
    if rule.get("condition") and not holds(rule["condition"], cart.known, cart.asked_lines):
        return "condition"
    if rule.get("lines") and not any(holds(rule["lines"], line) for line in cart.asked_lines):
        return "no_line"
    counters = [(counter(rule, limit, cart.day), limit["most"]) for limit in rule.get("limits", [])]
    return "limit" if any(uses.get(name, 0) >= most for name, most in counters) else ""


def counter(rule: Mapping[str, Any], limit: Mapping[str, Any], day: date) -> tuple[str, str, str]:
    """Return what a limit counts."""
    forms = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y", "ever": "ever"}
    return rule["id"], limit["of"], day.strftime(forms[limit["per"]])


def _units(cart: Cart) -> list[str]:
    return [*(line["id"] for line in cart.lines), REST]


def _parts(cart: Cart) -> dict[str, int]:
    weights = {line["id"]: line["amount"] if line["quantity"] else 0 for line in cart.lines}
    weights[REST] = cart.amount - sum(line["amount"] for line in cart.lines)
    whole = sum(weights.values())
    if not whole:
        return weights
    return in_proportion(whole if cart.earning is None else min(cart.earning, whole), weights)


def _is_on(rule: Mapping[str, Any], unit: str, cart: Cart) -> bool:
    if not rule.get("lines"):
        return True
    values = cart.values_of(unit)
    return values is not None and holds(rule["lines"], values)


def _worth(rule: Mapping[str, Any], unit: str, cart: Cart) -> Fraction:
    effect = rule["effect"]
    if effect["kind"] == "per_amount":
        return Fraction(effect["points"] * _parts(cart)[unit], effect["amount"])
    if effect["kind"] == "fixed":
        return Fraction(effect["points"] if unit == FIXED else 0)
    pieces = sum(line["quantity"] for line in cart.lines if line["id"] == unit and line["values"] is not None)
    return Fraction(effect["points"] * pieces if effect["kind"] == "per_quantity" else 0)


def _stacked(worth: Mapping[str, Fraction], stacking: str) -> list[str]:
    """Return which rules count where they are worth so much."""
    there = [name for name, one in worth.items() if one]
    if stacking == "first":
        there = there[:1]
    if stacking == "best":
        there = sorted(there, key=lambda name: -worth[name])[:1]
    return there


def _exact(order: Sequence[Mapping[str, Any]], cart: Cart, stacking: str) -> tuple[dict[Cell, Fraction], set[str]]:
    """Return the table before caps, its cells in the order of units, bases and givers, and which rules count."""
    exact: dict[Cell, Fraction] = {}
    counting: set[str] = set()
    for unit in _units(cart):
        here = [rule for rule in order if _is_on(rule, unit, cart) and rule["effect"]["kind"] != "fixed"]
        factors = {rule["id"]: Fraction(rule["effect"].get("hundredths", 0), 100) for rule in here}
        worth = {rule["id"]: _worth(rule, unit, cart) for rule in here}
        times = _stacked(factors, stacking)
        for base in _stacked(worth, stacking):
            so_far = exact[unit, base, base] = worth[base]
            counting.add(base)
            for name in times:
                exact[unit, base, name] = so_far * (factors[name] - 1)
                so_far *= factors[name]
        counting |= set(times)
    fixed = {rule["id"]: _worth(rule, FIXED, cart) for rule in order if rule["effect"]["kind"] == "fixed"}
    for name in _stacked(fixed, stacking):
        exact[FIXED, name, name] = fixed[name]
        counting.add(name)
    return exact, counting


def _capped(
    order: Sequence[Mapping[str, Any]], exact: dict[Cell, Fraction], cart: Cart, uses: Mapping[Any, int], mode: str
) -> set[str]:
    """Apply the limits of points to the table, and return the rules of which something was trimmed."""
    trimmed = set()
    for rule in order:
        limits = [limit for limit in rule.get("limits", []) if limit["of"] == "points"]
        mine = {cell: value for cell, value in exact.items() if rule["id"] in cell[1:]}
        if not limits or not mine:
            continue
        points = allowed = ROUND[mode](sum(mine.values(), Fraction(0)))
        for limit in limits:
            left = limit["most"] - uses.get(counter(rule, limit, cart.day), 0)
            if points > left:
                allowed = min(allowed, 0 if limit.get("beyond") == "refuse" else left)
        whole = spread(points, mine) if allowed == points else in_proportion(allowed, mine)
        exact.update({cell: Fraction(part) for cell, part in whole.items()})
        trimmed |= {rule["id"]} if allowed < points else set()
    return trimmed


def _rounded(exact: Mapping[Cell, Fraction], mode: str) -> dict[Cell, int]:
    sums: dict[str, Fraction] = {}
    for (unit, _, _), value in exact.items():
        sums[unit] = sums.get(unit, Fraction(0)) + value
    units = spread(ROUND[mode](sum(sums.values(), Fraction(0))), sums)
    cells: dict[Cell, int] = {}
    for unit, points in units.items():
        cells |= spread(points, {cell: value for cell, value in exact.items() if cell[0] == unit})
    return cells


def _own(rule: Mapping[str, Any], cells: Mapping[Cell, int]) -> int:
    return sum(points for cell, points in cells.items() if cell[2] == rule["id"])


def _counted(
    order: Iterable[Mapping[str, Any]], cells: Mapping[Cell, int], day: date
) -> dict[tuple[str, str, str], int]:
    counted = {}
    for rule in order:
        points = sum(points for cell, points in cells.items() if rule["id"] in cell[1:])
        for limit in rule.get("limits", []):
            counted[counter(rule, limit, day)] = points if limit["of"] == "points" else int(_own(rule, cells) > 0)
    return {name: count for name, count in counted.items() if count}
