"""When a key signs, when it is published, and when it goes. Pure.

A key's whole life is three instants, so nothing has to happen at a given moment: it is published
from `created_at`, signs from `signs_from` until a younger one does, and leaves at `retires_at`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.lifetimes import ACCESS_LIFETIME

# Services fetch the keys every 30 seconds and any cache on the way keeps them for a minute;
# a key that nobody knows yet must not sign.
PUBLISHED_BEFORE_SIGNING = timedelta(minutes=5)
# Verifiers allow for 10 seconds of clock skew; a minute covers it and the slowest request.
AFTER_LAST_TOKEN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyLife:
    """The instants of one key."""

    kid: str
    signs_from: datetime
    retires_at: datetime | None


def signing(keys: Sequence[KeyLife], *, at: datetime) -> KeyLife | None:
    """Return the key that signs now: the youngest whose time has come; None when there is none at all.

    Where no key's time has come, the next one signs: another process has made the first key a moment
    after this one looked at its clock.
    """
    published = [key for key in keys if is_published(key, at=at)]
    ready = [key for key in published if key.signs_from <= at]
    if ready:
        return max(ready, key=lambda key: (key.signs_from, key.kid))
    return min(published, key=lambda key: (key.signs_from, key.kid), default=None)


def is_published(key: KeyLife, *, at: datetime) -> bool:
    """Tell whether tokens of this key may still be about, or will soon be."""
    return key.retires_at is None or at < key.retires_at


def first_signature(*, at: datetime, is_first: bool, at_once: bool) -> datetime:
    """Return from when a new key signs: the first, or one that replaces a leaked key, at once."""
    return at if is_first or at_once else at + PUBLISHED_BEFORE_SIGNING


def retirement(*, at: datetime, successor_signs_from: datetime, at_once: bool) -> datetime:
    """Return when the older keys go: after their last token has expired, or at once when they have leaked."""
    return at if at_once else successor_signs_from + ACCESS_LIFETIME + AFTER_LAST_TOKEN
