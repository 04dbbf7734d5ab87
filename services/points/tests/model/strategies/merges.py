"""Commands about members who are one person."""

from random import Random

from tests.model.reference import Reference
from tests.model.strategies.dice import Command, member, weighing
from tests.model.world import MEMBERS


@weighing(1)
def merge(dice: Random, reference: Reference) -> Command | None:
    """Two go on as they are, so that there is somebody to ask something of."""
    if len(MEMBERS) - len(reference.merged) <= 2 and dice.random() < 0.9:
        return None
    if len(MEMBERS) - len(reference.merged) <= 1:
        return None
    who, into = dice.choice([(member(dice, reference), member(dice, reference)), (0, 1), (2, 0)])
    return {"who": who, "into": into, "void_holds": dice.random() < 0.7}
