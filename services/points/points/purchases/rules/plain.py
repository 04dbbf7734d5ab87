"""What purchases that earned by plain terms give back to budgets."""

from msgspec import structs

from points.earning.rules import Spent
from points.purchases.rules.purchases import Purchase


def given_back(before: Purchase, after: Purchase) -> tuple[Spent, ...]:
    """Return what a return gives back to budgets that a purchase used by plain terms: its points, and a use with the
    last of them."""
    points = after.points_returned - before.points_returned
    is_last = points > 0 and after.points_returned == after.points
    counts = [(one, points if one.of == "points" else int(is_last)) for one in before.of_budgets]
    return tuple(structs.replace(one, count=count) for one, count in counts if count)
