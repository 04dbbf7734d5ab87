"""Who is told of postings once they are written, within their transaction and under the locks of their accounts:
modules that stand upon the ledger, which knows none of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from points.ledger.rules.values import Decided, Kind, Posting
from points.programmes.queries import known_programme


class Follower(Protocol):
    """Whoever keeps something that postings move, in programmes with tiers."""

    def told(self, decided: Sequence[Decided], *, at: datetime) -> None:
        """Do what postings that were written ask for; what is raised refuses them all."""


_FOLLOWERS: list[Follower] = []


def follow(follower: Follower) -> None:
    """Have somebody told of all postings from now on; called once, when the service starts."""
    _FOLLOWERS.append(follower)


def is_followed(posting: Posting) -> bool:
    """Tell whether somebody must know what a posting did: then it is not written before its account is read."""
    return posting.kind == Kind.EARNED and _has_tiers(posting)


def tell(decided: Sequence[Decided], *, at: datetime) -> None:
    """Tell whoever follows of postings; in programmes without tiers nobody is asked anything."""
    if followed := [one for one in decided if _has_tiers(one.posting)]:
        for follower in _FOLLOWERS:
            follower.told(followed, at=at)


def _has_tiers(posting: Posting) -> bool:
    found = known_programme(posting.programme_id)
    return found is not None and found.has_tiers
