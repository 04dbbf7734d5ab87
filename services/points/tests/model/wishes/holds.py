"""Wishes about points set aside."""

from random import Random

from tests.model.clerk import Clerk
from tests.model.wishes.dice import Wish, account, newest, spendable, weighing


@weighing(8)
def hold(dice: Random, clerk: Clerk) -> Wish | None:
    where = account(dice, clerk)
    points = spendable(dice, clerk, where)
    return {"where": where, "points": points, "hours": dice.randint(1, 60)} if points else None


@weighing(6)
def capture(dice: Random, clerk: Clerk) -> Wish | None:
    if (number := _open_hold(dice, clerk)) is None:
        return None
    held = clerk.holds[number][1].points
    return {"hold": number, "points": dice.choice([held, held + 1, *[dice.randint(1, held)] * 4])}


@weighing(3)
def void(dice: Random, clerk: Clerk) -> Wish | None:
    number = _open_hold(dice, clerk)
    return None if number is None else {"hold": number}


@weighing(2)
def extend(dice: Random, clerk: Clerk) -> Wish | None:
    number = _open_hold(dice, clerk)
    return None if number is None else {"hold": number, "hours": dice.randint(1, 60)}


def _open_hold(dice: Random, clerk: Clerk) -> int | None:
    if not clerk.holds:
        return None
    still = [number for number, (_, hold) in enumerate(clerk.holds) if hold.state == "held"]
    return dice.choice(still) if still and dice.random() < 0.8 else newest(dice, len(clerk.holds))
