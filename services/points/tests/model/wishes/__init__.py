"""What is asked of a ledger next.

A new operation needs a function here: what to ask, given the clerk's books; None where there is nothing to ask about.
"""

from random import Random

from tests.model.clerk import Clerk
from tests.model.wishes import changes, holds, merges, pending, points, purchases
from tests.model.wishes.dice import WEIGHTS, Wish

__all__ = ["WEIGHTS", "Wish", "changes", "holds", "merges", "next_wish", "pending", "points", "purchases"]


def next_wish(number: int, clerk: Clerk) -> tuple[str, Wish]:
    """Return the operation and the wish that a number stands for."""
    dice = Random(number)
    while True:
        (ask,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if (wish := ask(dice, clerk)) is not None:
            return wish.pop("operation", ask.__name__), wish
