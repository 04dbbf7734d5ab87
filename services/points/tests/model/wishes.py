"""What is asked of a ledger next: chosen by dice, so that something happens most of the time and much of it meets.

A new operation needs a function here: what to ask, given the clerk's books; None where there is nothing to ask about.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from tests.model.clerk import Clerk
from tests.model.world import ACCOUNTS, LARGEST, MEMBERS, OPERATORS, POLICIES, Where

Wish = dict[str, Any]
Ask = Callable[[Random, Clerk], Wish | None]
WEIGHTS: dict[Ask, int] = {}
TICK = timedelta(microseconds=1)


def weighing(weight: int) -> Callable[[Ask], Ask]:
    """How often it is asked for; the function's name is the operation's."""

    def note(ask: Ask) -> Ask:
        WEIGHTS[ask] = weight
        return ask

    return note


def next_wish(number: int, clerk: Clerk) -> tuple[str, Wish]:
    """Return the operation and the wish that a number stands for."""
    dice = Random(number)
    while True:
        (ask,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if (wish := ask(dice, clerk)) is not None:
            return wish.pop("operation", ask.__name__), wish


def _account(dice: Random) -> Where:
    # One account sees half of what happens.
    return ACCOUNTS[0] if dice.random() < 0.5 else dice.choice(ACCOUNTS)


def _spendable(dice: Random, clerk: Clerk, where: Where) -> int:
    """As many points as there are or fewer, at times one more; seldom only one where there is none."""
    if (available := clerk.books[where].available(clerk.now)) == 0:
        return dice.choice([0, 0, 0, 1])
    return dice.choice([available, available + 1, *[dice.randint(1, available)] * 6])


def _signed(dice: Random) -> int:
    limits = [policy.adjustment_limit or 40 for policy in POLICIES]
    return dice.choice([-1, 1]) * dice.choice([dice.randint(1, 40), *limits, limits[0] + 1])


def _newest(dice: Random, found: list[Any]) -> int:
    """Choose among the newest more often than among the old, which are over most of the time."""
    return max(dice.randrange(len(found)), dice.randrange(len(found)), dice.randrange(len(found)))


def _open_hold(dice: Random, clerk: Clerk) -> int | None:
    if not clerk.holds:
        return None
    still = [number for number, (_, hold) in enumerate(clerk.holds) if hold.state == "held"]
    return dice.choice(still) if still and dice.random() < 0.8 else _newest(dice, clerk.holds)


@weighing(12)
def earn(dice: Random, clerk: Clerk) -> Wish:
    hours = dice.choice([None, dice.randint(1, 30), dice.randint(1, 200)])
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    return {"where": _account(dice), "points": dice.randint(1, 60), "hours": hours, "key": key}


@weighing(1)
def earn_too_much(dice: Random, clerk: Clerk) -> Wish:
    where = _account(dice)
    return {
        "operation": "earn",
        "where": where,
        "points": LARGEST - clerk.books[where].sums["issued"] + 1,
        "hours": None,
    }


@weighing(6)
def redeem(dice: Random, clerk: Clerk) -> Wish | None:
    where = _account(dice)
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    points = _spendable(dice, clerk, where)
    return {"where": where, "points": points, "key": key} if points else None


@weighing(5)
def adjust(dice: Random, clerk: Clerk) -> Wish:
    return {"where": _account(dice), "points": _signed(dice), "asked_by": dice.randrange(len(OPERATORS))}


@weighing(3)
def approve(dice: Random, clerk: Clerk) -> Wish | None:
    if not clerk.requests:
        return None
    operation = dice.choice(["approve", "approve", "reject"])
    request = _newest(dice, clerk.requests)
    return {"operation": operation, "request": request, "by": dice.randrange(len(OPERATORS))}


@weighing(4)
def batch(dice: Random, clerk: Clerk) -> Wish:
    kinds = ["earn", "redeem", "adjust"]
    lines = [
        (dice.choice(kinds), _account(dice), _signed(dice), f"line-{dice.randrange(60)}")
        for _ in range(dice.randint(2, 5))
    ]
    if dice.random() < 0.3:
        lines.append(lines[0])
    return {"lines": lines}


@weighing(7)
def transfer(dice: Random, clerk: Clerk) -> Wish | None:
    where = _account(dice)
    debtor = max(range(len(MEMBERS)), key=lambda who: clerk.books[who, where[1]].owed)
    to = dice.choice([debtor, dice.randrange(len(MEMBERS))])
    points = _spendable(dice, clerk, where)
    return {"where": where, "to": to, "points": points} if points else None


@weighing(8)
def hold(dice: Random, clerk: Clerk) -> Wish | None:
    where = _account(dice)
    points = _spendable(dice, clerk, where)
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


@weighing(9)
def reverse(dice: Random, clerk: Clerk) -> Wish | None:
    if not clerk.deeds:
        return None
    still = [number for number, deed in enumerate(clerk.deeds) if not deed.is_undone]
    return {"deed": dice.choice([_newest(dice, clerk.deeds), *[still[_newest(dice, still)]] * 3])}


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
    number = still[_newest(dice, still)]
    amounts = [dice.choice([0, dice.randint(1, 99), dice.randint(1, 99), 700]) for _ in range(3)]
    amounts = clerk.left_of(number, dice.choice([amounts, amounts, [700, 700, 700]]))
    return {"purchase": number, "amounts": amounts, "is_by_line": dice.random() < 0.6}


@weighing(2)
def expire(dice: Random, clerk: Clerk) -> Wish:
    return {"limit": dice.randint(1, 3)}


@weighing(2)
def expire_lot(dice: Random, clerk: Clerk) -> Wish | None:
    still = [number for number, deed in enumerate(clerk.deeds) if deed.opened and deed.opened.left]
    return {"deed": still[_newest(dice, still)]} if still else None


@weighing(5)
def time_passes(dice: Random, clerk: Clerk) -> Wish:
    return {"to": clerk.now + timedelta(hours=dice.randint(1, 24))}


@weighing(5)
def time_passes_to_an_end(dice: Random, clerk: Clerk) -> Wish | None:
    """To the very instant at which a lot or a hold ends, or to the last one before it."""
    ends = clerk.upcoming(dice.choice(["lot", "hold"]))
    if not ends:
        return None
    to = ends[min(len(ends) - 1, dice.choice([0, 0, 1]))] - dice.choice([TICK, timedelta(0)])
    return {"operation": "time_passes", "to": max(to, clerk.now)}


@weighing(2)
def programmes_change(dice: Random, clerk: Clerk) -> Wish:
    """Closed ones are soon open again, or nothing would be earned."""
    if clerk.closed:
        return {"operation": "open_or_close", "programme": min(clerk.closed)}
    change = dice.choice(["open_or_close", "switch_default"])
    return {"operation": change} | ({"programme": dice.randrange(len(POLICIES))} if change == "open_or_close" else {})
