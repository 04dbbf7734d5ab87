"""Wishes about purchases and what comes back of them."""

from random import Random

from tests.model.clerk import Clerk
from tests.model.clerk.records import Deed
from tests.model.wishes.dice import Wish, account, member, newest, weighing


@weighing(5)
def buy(dice: Random, clerk: Clerk) -> Wish:
    lines = [dice.randint(0, 700) for _ in range(dice.randint(0, 3))]
    return {"who": member(dice, clerk), "lines": dice.choice([lines, [333, 333, 334]])}


@weighing(5)
def tell(dice: Random, clerk: Clerk) -> Wish:
    """A merchant's purchase, which the last redemptions paid; at times one that cannot."""
    where = account(dice, clerk)
    lines = [(dice.randint(1, 4), dice.randint(0, 700)) for _ in range(dice.randint(1, 3))]
    usable = [number for number, deed in enumerate(clerk.deeds) if _can_pay(deed) and deed.where == where]
    paid_by = usable[-dice.randint(1, 3) :] if dice.random() < 0.8 else []
    if clerk.deeds and dice.random() < 0.1:
        paid_by = [newest(dice, len(clerk.deeds))]
    return {"where": where, "lines": lines, "paid_by": paid_by}


@weighing(1)
def buy_again(dice: Random, clerk: Clerk) -> Wish | None:
    return {"purchase": dice.randrange(len(clerk.purchases))} if clerk.purchases else None


@weighing(7)
def refund(dice: Random, clerk: Clerk) -> Wish | None:
    still = [number for number, one in enumerate(clerk.purchases) if one.left and not one.is_told]
    if not still:
        return None
    number = still[newest(dice, len(still))]
    amounts = [dice.choice([0, dice.randint(1, 99), dice.randint(1, 99), 700]) for _ in range(3)]
    amounts = clerk.left_of(number, dice.choice([amounts, amounts, [700, 700, 700]]))
    return {"purchase": number, "amounts": amounts, "is_by_line": dice.random() < 0.6}


@weighing(8)
def take_back(dice: Random, clerk: Clerk) -> Wish | None:
    """Pieces of a merchant's purchase, an amount, or all that is left; seldom more than that, or a payment's."""
    told = [number for number, one in enumerate(clerk.purchases) if one.is_told and one.left]
    if not told or dice.random() < 0.03:
        told = list(range(len(clerk.purchases)))
    if not told:
        return None
    number = told[newest(dice, len(told))]
    found = clerk.purchases[number]
    pieces = [dice.randint(0, max(0, line.pieces - line.pieces_back)) for line in found.lines]
    if dice.random() < 0.05:
        pieces = [count + dice.randint(0, 1) for count in pieces]
    rest = {"operation": "return_rest", "purchase": number}
    amount = {"operation": "return_amount", "purchase": number, "amount": dice.randint(1, found.left + 1)}
    by_lines = {"operation": "return_pieces", "purchase": number, "pieces": pieces}
    return dice.choice([rest, amount, *([by_lines] * 4 if any(pieces) else [])])


@weighing(9)
def reverse(dice: Random, clerk: Clerk) -> Wish | None:
    if not clerk.deeds:
        return None
    still = [number for number, deed in enumerate(clerk.deeds) if not deed.is_undone]
    return {"deed": dice.choice([newest(dice, len(clerk.deeds)), *[still[newest(dice, len(still))]] * 3])}


def _can_pay(deed: Deed) -> bool:
    return deed.kind == "redeemed" and not deed.is_undone and not deed.pays
