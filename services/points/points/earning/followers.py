"""Who is told of purchases and events in programmes with tiers as they are noted, and of what comes back of them,
within their transaction: modules that stand upon purchases and events, which know none of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from points.earning.rules.noted import Left, Noted

Key = tuple[UUID, UUID]


class Follower(Protocol):
    """Whoever keeps something that purchases and events move."""

    def noted(self, noted: Sequence[Noted], *, locking: Collection[Key], at: datetime) -> None:
        """Do what these ask for that were noted; what is raised refuses them all.

        Who locks accounts locks those of `locking` with them, by programme and member, which are locked next: all are
        locked in the order of their numbers.
        """

    def came_back(self, left: Sequence[Left], *, locking: Collection[Key], at: datetime) -> None:
        """Do what is asked for by what came back, one after the other; of what nobody was told, too."""


_FOLLOWERS: list[Follower] = []


def follow(follower: Follower) -> None:
    """Have somebody told of purchases and events from now on; called once, when the service starts."""
    _FOLLOWERS.append(follower)


def tell(noted: Sequence[Noted], *, locking: Collection[Key], at: datetime) -> None:
    """Tell whoever follows of purchases and events, before the accounts of `locking` are locked."""
    for follower in _FOLLOWERS if noted else ():
        follower.noted(noted, locking=locking, at=at)


def tell_left(left: Sequence[Left], *, locking: Collection[Key], at: datetime) -> None:
    """Tell whoever follows of what came back, before the accounts of `locking` are locked."""
    for follower in _FOLLOWERS if left else ():
        follower.came_back(left, locking=locking, at=at)
