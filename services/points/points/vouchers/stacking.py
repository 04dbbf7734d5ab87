"""What vouchers of one order take off together: in the order of their places, each on what those before it left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# Lower priority first, then the code.
Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A voucher's place among those of an order, and what it takes off so much money."""

    place: Place
    off: Callable[[int], int]


def shares(total: int, parts: Sequence[Part]) -> dict[Place, int]:
    """Return what each voucher takes off an order of so many minor units; together never more than it costs."""
    left, found = total, {}
    for part in sorted(parts, key=lambda one: one.place):
        found[part.place] = min(left, part.off(left))
        left -= found[part.place]
    return found


def share_beside(total: int, *, given: int, others: Sequence[Part], new: Part) -> int:
    """Return what a voucher takes off an order on which others took `given` minor units before.

    What was told stays. The new one takes what their shares lack with it, so that vouchers come to the same whichever
    was used first. Where others were rolled back they lack more: it takes its own share at most, or its part of what is
    left.
    """
    left, after = total - given, shares(total, [*others, new])
    own = max(after[new.place], new.off(left))
    return max(0, min(left, own, sum(after.values()) - given))
