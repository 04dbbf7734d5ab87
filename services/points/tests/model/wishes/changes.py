"""Wishes that no member has: time passes, and programmes change."""

from datetime import timedelta
from random import Random

from tests.model.clerk import Clerk
from tests.model.wishes.dice import TICK, Wish, weighing
from tests.model.world import POLICIES


@weighing(5)
def time_passes(dice: Random, clerk: Clerk) -> Wish:
    return {"to": clerk.now + timedelta(hours=dice.randint(1, 24))}


@weighing(5)
def time_passes_to_an_end(dice: Random, clerk: Clerk) -> Wish | None:
    """To the very instant at which a lot or a hold ends or a wait is over, or to the last one before it."""
    ends = clerk.upcoming(dice.choice(["lot", "hold", "pending"]))
    if not ends:
        return None
    to = ends[min(len(ends) - 1, dice.choice([0, 0, 1]))] - dice.choice([TICK, timedelta(0)])
    return {"operation": "time_passes", "to": max(to, clerk.now)}


@weighing(4)
def programmes_change(dice: Random, clerk: Clerk) -> Wish:
    """Closed ones are soon open again, or nothing would be earned."""
    if clerk.closed:
        return {"operation": "open_or_close", "programme": min(clerk.closed)}
    programme = {"programme": dice.randrange(len(POLICIES))}
    return dice.choice([
        {"operation": "switch_default"},
        {"operation": "open_or_close"} | programme,
        {"operation": "change_returns", "policy": dice.choice(["pending_only", "floor_zero", "arrears", "arrears"]),
         "cap": dice.choice([None, dice.randint(0, 60), dice.randint(0, 60)])} | programme,
        {"operation": "let_earnings_wait", "days": dice.choice([None, None, 1, 3])} | programme,
    ])  # fmt: skip
