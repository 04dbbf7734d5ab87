"""Whole points of exact numbers, which are numerators over one denominator."""

from collections.abc import Sequence

from points.earning.rules.rule import Rounding


def rounded(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Return a number that is not negative as a whole one."""
    if rounding is Rounding.FLOOR:
        return numerator // denominator
    if rounding is Rounding.CEIL:
        return -(-numerator // denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def apportioned(total: int, numerators: Sequence[int], denominator: int) -> list[int]:
    """Return whole parts that add up to a total, which is the rounded sum of the exact ones.

    Each is its exact number rounded down; what is lacking goes, a point each, to those with the largest remainders,
    ties to the earlier. So none is a point or more away from its exact number, and one that is whole stays.
    """
    parts = [numerator // denominator for numerator in numerators]
    lacking = total - sum(parts)
    if not lacking:
        return parts
    if lacking == 1:
        remainders = [numerator % denominator for numerator in numerators]
        parts[remainders.index(max(remainders))] += 1
        return parts
    by_remainder = sorted(range(len(parts)), key=lambda place: (-(numerators[place] % denominator), place))
    for place in by_remainder[:lacking]:
        parts[place] += 1
    return parts
