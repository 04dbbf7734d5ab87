"""What is asked of a ledger next.

A new operation needs a function here: what to ask, given the reference model's accounts; None where there is nothing
to ask about.
"""

from random import Random

from tests.model.reference import Reference
from tests.model.strategies import changes, holds, merges, pending, points, purchases
from tests.model.strategies.dice import WEIGHTS, Command

__all__ = ["WEIGHTS", "Command", "changes", "holds", "merges", "next_command", "pending", "points", "purchases"]


def next_command(number: int, reference: Reference) -> tuple[str, Command]:
    """Return the operation and the command that a number stands for."""
    dice = Random(number)
    while True:
        (ask,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if (command := ask(dice, reference)) is not None:
            return command.pop("operation", ask.__name__), command
