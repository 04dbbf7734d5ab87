"""How commands are chosen: by dice, so that something happens most of the time and much of it meets."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from tests.model.reference import Reference
from tests.model.world import MEMBERS, POLICIES, Where

Command = dict[str, Any]
Ask = Callable[[Random, Reference], Command | None]
WEIGHTS: dict[Ask, int] = {}
TICK = timedelta(microseconds=1)


def weighing(weight: int) -> Callable[[Ask], Ask]:
    """How often it is asked for; the function's name is the operation's."""

    def note(ask: Ask) -> Ask:
        WEIGHTS[ask] = weight
        return ask

    return note


def member(dice: Random, reference: Reference) -> int:
    """One member sees half of what happens; hardly anything is asked of one who was merged."""
    there = [who for who in range(len(MEMBERS)) if who not in reference.merged]
    return there[0] if dice.random() < 0.5 else dice.choice(there * 4 + list(reference.merged))


def account(dice: Random, reference: Reference) -> Where:
    """One account sees half of what happens."""
    return member(dice, reference), 0 if dice.random() < 0.6 else dice.randrange(len(POLICIES))


def spendable(dice: Random, reference: Reference, where: Where) -> int:
    """As many points as there are or fewer, at times one more; seldom only one where there is none."""
    if (available := reference.accounts[where].available(reference.now)) == 0:
        return dice.choice([0, 0, 0, 1])
    return dice.choice([available, available + 1, *[dice.randint(1, available)] * 6])


def newest(dice: Random, count: int) -> int:
    """One of so many, of the newest more often than of the old, which are over most of the time."""
    return max(dice.randrange(count), dice.randrange(count), dice.randrange(count))
