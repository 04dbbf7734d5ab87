"""Commands about points that wait."""

from random import Random

from tests.model.reference import Reference
from tests.model.strategies.dice import Command, account, newest, weighing
from tests.model.world import EVENTS, Wait


@weighing(7)
def earn_later(dice: Random, reference: Reference) -> Command:
    hours = dice.choice([None, None, dice.randint(1, 90)])
    key = dice.choice([None, None, None, f"key-{dice.randrange(9)}"])
    wait = Wait(dice.randint(1, 60), dice.choice(["", *EVENTS]))
    command = {
        "where": account(dice, reference),
        "points": dice.randint(1, 60),
        "hours": hours,
        "key": key,
        "wait": wait,
    }
    return {"operation": "earn"} | command


@weighing(3)
def event_comes(dice: Random, reference: Reference) -> Command:
    return {"where": account(dice, reference), "event": dice.choice(EVENTS)}


@weighing(5)
def activate_or_cancel(dice: Random, reference: Reference) -> Command | None:
    waits = [(number, deed.waiting.state) for number, deed in enumerate(reference.deeds) if deed.waiting]
    still = [number for number, state in waits if state == "pending"]
    chosen = still if still and dice.random() < 0.8 else [number for number, _ in waits]
    if not chosen:
        return None
    return {"operation": dice.choice(["activate", "cancel"]), "deed": chosen[newest(dice, len(chosen))]}
