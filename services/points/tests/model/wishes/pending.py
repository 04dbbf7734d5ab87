"""Wishes about points that wait."""

from random import Random

from tests.model.clerk import Clerk
from tests.model.wishes.dice import Wish, account, newest, weighing
from tests.model.world import EVENTS, Wait


@weighing(7)
def earn_later(dice: Random, clerk: Clerk) -> Wish:
    hours = dice.choice([None, None, dice.randint(1, 90)])
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    wait = Wait(dice.randint(1, 60), dice.choice(["", *EVENTS]))
    wish = {"where": account(dice, clerk), "points": dice.randint(1, 60), "hours": hours, "key": key, "wait": wait}
    return {"operation": "earn"} | wish


@weighing(3)
def event_comes(dice: Random, clerk: Clerk) -> Wish:
    return {"where": account(dice, clerk), "event": dice.choice(EVENTS)}


@weighing(5)
def activate_or_cancel(dice: Random, clerk: Clerk) -> Wish | None:
    waits = [(number, deed.waiting.state) for number, deed in enumerate(clerk.deeds) if deed.waiting]
    still = [number for number, state in waits if state == "pending"]
    chosen = still if still and dice.random() < 0.8 else [number for number, _ in waits]
    if not chosen:
        return None
    return {"operation": dice.choice(["activate", "cancel"]), "deed": chosen[newest(dice, len(chosen))]}
