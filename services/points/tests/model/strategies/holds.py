"""Commands about points set aside."""

from random import Random

from tests.model.reference import Reference
from tests.model.strategies.dice import Command, account, newest, spendable, weighing


@weighing(8)
def hold(dice: Random, reference: Reference) -> Command | None:
    where = account(dice, reference)
    points = spendable(dice, reference, where)
    return {"where": where, "points": points, "hours": dice.randint(1, 60)} if points else None


@weighing(6)
def capture(dice: Random, reference: Reference) -> Command | None:
    if (number := _open_hold(dice, reference)) is None:
        return None
    held = reference.holds[number][1].points
    return {"hold": number, "points": dice.choice([held, held + 1, *[dice.randint(1, held)] * 4])}


@weighing(3)
def void(dice: Random, reference: Reference) -> Command | None:
    number = _open_hold(dice, reference)
    return None if number is None else {"hold": number}


@weighing(2)
def extend(dice: Random, reference: Reference) -> Command | None:
    number = _open_hold(dice, reference)
    return None if number is None else {"hold": number, "hours": dice.randint(1, 60)}


def _open_hold(dice: Random, reference: Reference) -> int | None:
    if not reference.holds:
        return None
    still = [number for number, (_, hold) in enumerate(reference.holds) if hold.state == "held"]
    return dice.choice(still) if still and dice.random() < 0.8 else newest(dice, len(reference.holds))
