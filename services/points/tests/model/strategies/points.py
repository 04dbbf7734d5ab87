"""Commands about points that come, go, are corrected and are given away."""

from random import Random

from tests.model.reference import Reference
from tests.model.strategies.dice import Command, account, member, newest, spendable, weighing
from tests.model.world import LARGEST, MEMBERS, OPERATORS, POLICIES, Row


@weighing(12)
def earn(dice: Random, reference: Reference) -> Command:
    hours = dice.choice([None, dice.randint(1, 30), dice.randint(1, 200)])
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    return {"where": account(dice, reference), "points": dice.randint(1, 60), "hours": hours, "key": key}


@weighing(1)
def earn_too_much(dice: Random, reference: Reference) -> Command:
    where = account(dice, reference)
    return {
        "operation": "earn",
        "where": where,
        "points": LARGEST - reference.accounts[where].sums["issued"] + 1,
        "hours": None,
    }


@weighing(6)
def redeem(dice: Random, reference: Reference) -> Command | None:
    where = account(dice, reference)
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    points = spendable(dice, reference, where)
    return {"where": where, "points": points, "key": key} if points else None


@weighing(5)
def adjust(dice: Random, reference: Reference) -> Command:
    return {"where": account(dice, reference), "points": _signed(dice), "asked_by": dice.randrange(len(OPERATORS))}


@weighing(3)
def approve(dice: Random, reference: Reference) -> Command | None:
    if not reference.requests:
        return None
    operation = dice.choice(["approve", "approve", "reject"])
    request = newest(dice, len(reference.requests))
    return {"operation": operation, "request": request, "by": dice.randrange(len(OPERATORS))}


@weighing(4)
def batch(dice: Random, reference: Reference) -> Command:
    kinds = ["earn", "redeem", "adjust"]
    lines = [
        (dice.choice(kinds), account(dice, reference), _signed(dice), f"line-{dice.randrange(60)}")
        for _ in range(dice.randint(2, 5))
    ]
    if dice.random() < 0.3:
        lines.append(lines[0])
    return {"lines": lines}


@weighing(2)
def import_file(dice: Random, reference: Reference) -> Command:
    rows = []
    for _ in range(dice.randint(1, 7)):
        kind, points = dice.choice(["earn", "earn", "redeem", "adjust"]), _signed(dice)
        key = f"row-{dice.randrange(40)}"
        rows.append(Row(kind, member(dice, reference), points if kind == "adjust" else abs(points), key))
    return {"programme": dice.randrange(len(POLICIES)), "rows": rows}


@weighing(7)
def transfer(dice: Random, reference: Reference) -> Command | None:
    where = account(dice, reference)
    debtor = max(range(len(MEMBERS)), key=lambda who: reference.accounts[who, where[1]].owed)
    to = dice.choice([debtor, dice.randrange(len(MEMBERS)), member(dice, reference)])
    points = spendable(dice, reference, where)
    return {"where": where, "to": to, "points": points} if points else None


@weighing(2)
def expire(dice: Random, reference: Reference) -> Command:
    return {"limit": dice.randint(1, 3)}


@weighing(2)
def expire_lot(dice: Random, reference: Reference) -> Command | None:
    still = [number for number, deed in enumerate(reference.deeds) if deed.lot and deed.lot.left]
    return {"deed": still[newest(dice, len(still))]} if still else None


@weighing(4)
def reinstate(dice: Random, reference: Reference) -> Command | None:
    where = account(dice, reference)
    found = reference.accounts[where]
    if not found.gone + sum(lot.left for lot in found.lots if not lot.is_alive(reference.now)):
        return None
    days = dice.choice([None, 0, dice.randint(1, 9)])
    return {"where": where, "pick": dice.randrange(99), "points": dice.randint(1, 40), "days": days}


def _signed(dice: Random) -> int:
    limits = [policy.adjustment_limit or 40 for policy in POLICIES]
    return dice.choice([-1, 1]) * dice.choice([dice.randint(1, 40), *limits, limits[0] + 1])
