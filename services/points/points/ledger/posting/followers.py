"""Who is told of postings in programmes with tiers once they are written, and of merges, within their transaction and
under the locks of their accounts: modules that stand upon the ledger, which knows none of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from points.ledger.merges import Merge
from points.ledger.rules.values import Decided


class Follower(Protocol):
    """Whoever keeps something that postings move."""

    def told(self, decided: Sequence[Decided], *, at: datetime) -> None:
        """Do what postings that were written ask for; what is raised refuses them all."""

    def merged(self, merge: Merge) -> None:
        """Do what a merge asks for that was written: all of the first member's is the other's now."""


_FOLLOWERS: list[Follower] = []


def follow(follower: Follower) -> None:
    """Have somebody told of postings from now on; called once, when the service starts."""
    _FOLLOWERS.append(follower)


def tell(decided: Sequence[Decided], *, at: datetime) -> None:
    """Tell whoever follows of postings."""
    for follower in _FOLLOWERS:
        follower.told(decided, at=at)


def tell_merged(merge: Merge) -> None:
    """Tell whoever follows of a merge."""
    for follower in _FOLLOWERS:
        follower.merged(merge)
