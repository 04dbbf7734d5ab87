"""Wishes about points that come, go, are corrected and are given away."""

from random import Random

from tests.model.clerk import Clerk
from tests.model.wishes.dice import Wish, account, member, newest, spendable, weighing
from tests.model.world import LARGEST, MEMBERS, OPERATORS, POLICIES, Row


@weighing(12)
def earn(dice: Random, clerk: Clerk) -> Wish:
    hours = dice.choice([None, dice.randint(1, 30), dice.randint(1, 200)])
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    return {"where": account(dice, clerk), "points": dice.randint(1, 60), "hours": hours, "key": key}


@weighing(1)
def earn_too_much(dice: Random, clerk: Clerk) -> Wish:
    where = account(dice, clerk)
    return {
        "operation": "earn",
        "where": where,
        "points": LARGEST - clerk.books[where].sums["issued"] + 1,
        "hours": None,
    }


@weighing(6)
def redeem(dice: Random, clerk: Clerk) -> Wish | None:
    where = account(dice, clerk)
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    points = spendable(dice, clerk, where)
    return {"where": where, "points": points, "key": key} if points else None


@weighing(5)
def adjust(dice: Random, clerk: Clerk) -> Wish:
    return {"where": account(dice, clerk), "points": _signed(dice), "asked_by": dice.randrange(len(OPERATORS))}


@weighing(3)
def approve(dice: Random, clerk: Clerk) -> Wish | None:
    if not clerk.requests:
        return None
    operation = dice.choice(["approve", "approve", "reject"])
    request = newest(dice, len(clerk.requests))
    return {"operation": operation, "request": request, "by": dice.randrange(len(OPERATORS))}


@weighing(4)
def batch(dice: Random, clerk: Clerk) -> Wish:
    kinds = ["earn", "redeem", "adjust"]
    lines = [
        (dice.choice(kinds), account(dice, clerk), _signed(dice), f"line-{dice.randrange(60)}")
        for _ in range(dice.randint(2, 5))
    ]
    if dice.random() < 0.3:
        lines.append(lines[0])
    return {"lines": lines}


@weighing(2)
def import_file(dice: Random, clerk: Clerk) -> Wish:
    rows = []
    for _ in range(dice.randint(1, 7)):
        kind, points = dice.choice(["earn", "earn", "redeem", "adjust"]), _signed(dice)
        key = f"row-{dice.randrange(40)}"
        rows.append(Row(kind, member(dice, clerk), points if kind == "adjust" else abs(points), key))
    return {"programme": dice.randrange(len(POLICIES)), "rows": rows}


@weighing(7)
def transfer(dice: Random, clerk: Clerk) -> Wish | None:
    where = account(dice, clerk)
    debtor = max(range(len(MEMBERS)), key=lambda who: clerk.books[who, where[1]].owed)
    to = dice.choice([debtor, dice.randrange(len(MEMBERS)), member(dice, clerk)])
    points = spendable(dice, clerk, where)
    return {"where": where, "to": to, "points": points} if points else None


@weighing(2)
def expire(dice: Random, clerk: Clerk) -> Wish:
    return {"limit": dice.randint(1, 3)}


@weighing(2)
def expire_lot(dice: Random, clerk: Clerk) -> Wish | None:
    still = [number for number, deed in enumerate(clerk.deeds) if deed.lot and deed.lot.left]
    return {"deed": still[newest(dice, len(still))]} if still else None


@weighing(4)
def reinstate(dice: Random, clerk: Clerk) -> Wish | None:
    where = account(dice, clerk)
    book = clerk.books[where]
    if not book.gone + sum(lot.left for lot in book.lots if not lot.is_alive(clerk.now)):
        return None
    days = dice.choice([None, 0, dice.randint(1, 9)])
    return {"where": where, "pick": dice.randrange(99), "points": dice.randint(1, 40), "days": days}


def _signed(dice: Random) -> int:
    limits = [policy.adjustment_limit or 40 for policy in POLICIES]
    return dice.choice([-1, 1]) * dice.choice([dice.randint(1, 40), *limits, limits[0] + 1])
