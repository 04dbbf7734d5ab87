"""How much of what was earned is to be back, once so much of the purchase is."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from tests.rules.earning.reference.earning import FIXED, REST, Cart, Cell


def to_be_back(
    cells: Mapping[Cell, int], cart: Cart, lines: Mapping[str, tuple[int, int]], other: int, *, whole: bool
) -> dict[Cell, int]:
    """Return the points of each cell; `lines` have the amount and the pieces that came back of each."""
    back = {line["id"]: lines.get(line["id"], (0, 0)) for line in cart.lines}
    other += sum(amount for name, (amount, _) in lines.items() if name not in back)
    money = other + sum(amount for amount, _ in back.values())
    is_all_back = all(back[line["id"]][1] >= line["quantity"] for line in cart.lines)
    if whole or (money >= cart.amount if cart.amount else bool(lines) and is_all_back):
        return dict(cells)
    left = {line["id"]: Fraction(line["amount"] - back[line["id"]][0]) for line in cart.lines}
    left[REST] = Fraction(cart.amount - sum(line["amount"] for line in cart.lines))
    cost = {line["id"]: line["amount"] for line in cart.lines} | {REST: left[REST]}
    spread = {unit: other * one / sum(left.values()) if other else Fraction(0) for unit, one in left.items()}
    shares = {unit: 1 - (left[unit] - spread[unit]) / cost[unit] if cost[unit] else Fraction(0) for unit in cost}
    for line in cart.lines:
        if not line["amount"] and line["quantity"]:
            shares[line["id"]] = min(Fraction(1), Fraction(back[line["id"]][1], line["quantity"]))
    shares[FIXED] = Fraction(0)
    return {cell: floor(points * shares[cell[0]] + Fraction(1, 2)) for cell, points in cells.items()}
