"""Wishes about purchases and what comes back of them."""

from random import Random

from tests.model.clerk import Clerk
from tests.model.wishes.dice import Wish, newest, weighing
from tests.model.world import MEMBERS


@weighing(5)
def buy(dice: Random, clerk: Clerk) -> Wish:
    lines = [dice.randint(0, 700) for _ in range(dice.randint(0, 3))]
    who = 0 if dice.random() < 0.5 else dice.randrange(len(MEMBERS))
    return {"who": who, "lines": dice.choice([lines, [333, 333, 334]])}


@weighing(1)
def buy_again(dice: Random, clerk: Clerk) -> Wish | None:
    return {"purchase": dice.randrange(len(clerk.purchases))} if clerk.purchases else None


@weighing(7)
def refund(dice: Random, clerk: Clerk) -> Wish | None:
    still = [number for number, one in enumerate(clerk.purchases) if one.returned < one.amount]
    if not still:
        return None
    number = still[newest(dice, len(still))]
    amounts = [dice.choice([0, dice.randint(1, 99), dice.randint(1, 99), 700]) for _ in range(3)]
    amounts = clerk.left_of(number, dice.choice([amounts, amounts, [700, 700, 700]]))
    return {"purchase": number, "amounts": amounts, "is_by_line": dice.random() < 0.6}


@weighing(9)
def reverse(dice: Random, clerk: Clerk) -> Wish | None:
    if not clerk.deeds:
        return None
    still = [number for number, deed in enumerate(clerk.deeds) if not deed.is_undone]
    return {"deed": dice.choice([newest(dice, len(clerk.deeds)), *[still[newest(dice, len(still))]] * 3])}
