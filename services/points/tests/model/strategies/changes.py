"""Commands that no member has: time passes, and programmes change."""

from datetime import timedelta
from random import Random

from tests.model.reference import Reference
from tests.model.strategies.dice import TICK, Command, weighing
from tests.model.world import POLICIES


@weighing(5)
def time_passes(dice: Random, reference: Reference) -> Command:
    return {"to": reference.now + timedelta(hours=dice.randint(1, 24))}


@weighing(5)
def time_passes_to_an_end(dice: Random, reference: Reference) -> Command | None:
    """To the very instant at which a lot or a hold ends or a wait is over, or to the last one before it."""
    ends = reference.upcoming(dice.choice(["lot", "hold", "pending"]))
    if not ends:
        return None
    to = ends[min(len(ends) - 1, dice.choice([0, 0, 1]))] - dice.choice([TICK, timedelta(0)])
    return {"operation": "time_passes", "to": max(to, reference.now)}


@weighing(4)
def programmes_change(dice: Random, reference: Reference) -> Command:
    """Closed ones are soon open again, or nothing would be earned."""
    if reference.closed:
        return {"operation": "open_or_close", "programme": min(reference.closed)}
    programme = {"programme": dice.randrange(len(POLICIES))}
    return dice.choice([
        {"operation": "switch_default"},
        {"operation": "open_or_close"} | programme,
        {"operation": "change_returns", "policy": dice.choice(["pending_only", "floor_zero", "arrears", "arrears"]),
         "cap": dice.choice([None, dice.randint(0, 60), dice.randint(0, 60)])} | programme,
        {"operation": "let_earnings_wait", "days": dice.choice([None, None, 1, 3])} | programme,
    ])  # fmt: skip
