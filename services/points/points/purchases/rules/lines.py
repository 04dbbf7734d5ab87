"""The lines of a purchase, and which points each of them has."""

from collections.abc import Sequence

from msgspec import structs

from points.purchases.rules.purchases import PurchaseLine
from shared.money import share


def with_points(lines: Sequence[PurchaseLine], points: int) -> tuple[PurchaseLine, ...]:
    """Share a purchase's points to its lines by what they cost; lines of the same id become one.

    One without pieces gets none.
    """
    found = merged_lines(lines)
    if not found or not points:
        return found
    parts = share(points, [line.amount if line.quantity else 0 for line in found])
    return tuple(structs.replace(line, points=part) for line, part in zip(found, parts, strict=True))


def merged_lines(lines: Sequence[PurchaseLine]) -> tuple[PurchaseLine, ...]:
    """Return lines of which those of the same id are one."""
    merged: dict[str, PurchaseLine] = {}
    for line in lines:
        if same := merged.get(line.line_id):
            line = structs.replace(same, quantity=same.quantity + line.quantity, amount=same.amount + line.amount)
        merged[line.line_id] = line
    return tuple(merged.values())
