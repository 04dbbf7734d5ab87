"""Commands about purchases and what comes back of them."""

from random import Random

from tests.model.reference import Reference
from tests.model.reference.records import Deed
from tests.model.strategies.dice import Command, account, member, newest, weighing


@weighing(5)
def buy(dice: Random, reference: Reference) -> Command:
    lines = [dice.randint(0, 700) for _ in range(dice.randint(0, 3))]
    return {"who": member(dice, reference), "lines": dice.choice([lines, [333, 333, 334]])}


@weighing(5)
def record(dice: Random, reference: Reference) -> Command:
    """A merchant's purchase, which the last redemptions paid; at times one that cannot."""
    where = account(dice, reference)
    lines = [(dice.randint(1, 4), dice.randint(0, 700)) for _ in range(dice.randint(1, 3))]
    usable = [number for number, deed in enumerate(reference.deeds) if _can_pay(deed) and deed.where == where]
    paid_by = usable[-dice.randint(1, 3) :] if dice.random() < 0.8 else []
    if reference.deeds and dice.random() < 0.1:
        paid_by = [newest(dice, len(reference.deeds))]
    return {"where": where, "lines": lines, "paid_by": paid_by}


@weighing(1)
def buy_again(dice: Random, reference: Reference) -> Command | None:
    return {"purchase": dice.randrange(len(reference.purchases))} if reference.purchases else None


@weighing(7)
def refund(dice: Random, reference: Reference) -> Command | None:
    still = [number for number, one in enumerate(reference.purchases) if one.left and not one.is_recorded]
    if not still:
        return None
    number = still[newest(dice, len(still))]
    amounts = [dice.choice([0, dice.randint(1, 99), dice.randint(1, 99), 700]) for _ in range(3)]
    amounts = reference.left_of(number, dice.choice([amounts, amounts, [700, 700, 700]]))
    return {"purchase": number, "amounts": amounts, "is_by_line": dice.random() < 0.6}


@weighing(8)
def take_back(dice: Random, reference: Reference) -> Command | None:
    """Pieces of a merchant's purchase, an amount, or all that is left; seldom more than that, or a payment's."""
    recorded = [number for number, one in enumerate(reference.purchases) if one.is_recorded and one.left]
    if not recorded or dice.random() < 0.03:
        recorded = list(range(len(reference.purchases)))
    if not recorded:
        return None
    number = recorded[newest(dice, len(recorded))]
    found = reference.purchases[number]
    pieces = [dice.randint(0, max(0, line.pieces - line.pieces_back)) for line in found.lines]
    if dice.random() < 0.05:
        pieces = [count + dice.randint(0, 1) for count in pieces]
    rest = {"operation": "return_rest", "purchase": number}
    amount = {"operation": "return_amount", "purchase": number, "amount": dice.randint(1, found.left + 1)}
    by_lines = {"operation": "return_pieces", "purchase": number, "pieces": pieces}
    return dice.choice([rest, amount, *([by_lines] * 4 if any(pieces) else [])])


@weighing(9)
def reverse(dice: Random, reference: Reference) -> Command | None:
    if not reference.deeds:
        return None
    still = [number for number, deed in enumerate(reference.deeds) if not deed.is_undone]
    return {"deed": dice.choice([newest(dice, len(reference.deeds)), *[still[newest(dice, len(still))]] * 3])}


def _can_pay(deed: Deed) -> bool:
    return deed.kind == "redeemed" and not deed.is_undone and not deed.pays
