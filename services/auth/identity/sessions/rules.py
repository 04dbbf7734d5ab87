"""How long sessions and tokens live, what a refresh token is worth, and how guessing is slowed. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

# A session ends two weeks after its last refresh, and 90 days after the sign-in at the latest.
IDLE = timedelta(days=14)
LONGEST = timedelta(days=90)


class Verdict(StrEnum):
    """What to do with a refresh token that somebody shows."""

    ROTATE = "ROTATE"
    REFUSE = "REFUSE"
    RACED = "RACED"
    REUSED = "REUSED"


# A spent token gets further successors while none of them was used: for an answer that was lost, and for two tabs
# of one browser that refresh at once.
SUCCESSORS = 10
SUCCESSORS_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Shown:
    """A refresh token as it is known: when it was first spent, how many successors it has, when it was superseded
    (a successor, or another successor of the same token, was used), when it expires, and whether its session lives.
    """

    spent_at: datetime | None
    successors: int
    superseded_at: datetime | None
    expires_at: datetime
    is_session_open: bool


def judge(shown: Shown, *, at: datetime) -> Verdict:
    """Say what a refresh token is worth (RFC 9700, 4.14.2, with successors; ADR 33).

    A superseded token means that two parties hold the family, and nobody can tell which is the thief: REUSED. A thief
    and the owner who both got a successor meet here at the next refresh, whoever comes first.
    """
    if not shown.is_session_open or at >= shown.expires_at:
        return Verdict.REFUSE
    if shown.superseded_at is not None:
        return Verdict.REUSED
    if shown.spent_at is None:
        return Verdict.ROTATE
    if at - shown.spent_at > SUCCESSORS_FOR:
        return Verdict.REUSED
    return Verdict.ROTATE if shown.successors < SUCCESSORS else Verdict.RACED


def expires_at(*, signed_in_at: datetime, at: datetime) -> datetime:
    """Return until when a refresh token issued now is good."""
    return min(at + IDLE, signed_in_at + LONGEST)


def issued_at(*, at: datetime, tokens_not_before: datetime | None) -> datetime:
    """Return the `iat` of an access token issued now, in whole seconds.

    A token of the same second as a revocation counts as older than it, so the next second is taken.
    """
    second = at.replace(microsecond=0)
    if tokens_not_before is None:
        return second
    return max(second, tokens_not_before.replace(microsecond=0) + timedelta(seconds=1))


def not_before(*, at: datetime, tokens_issued_at: datetime | None) -> datetime:
    """Return the instant of a revocation that covers every access token issued so far."""
    return max(at, tokens_issued_at or at)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong guesses are free; each further one doubles the time until the next may be made."""

    free: int
    longest: timedelta


# An address may be a whole office's, an account is one person's.
ACCOUNT = Limit(free=10, longest=timedelta(minutes=5))
ADDRESS = Limit(free=100, longest=timedelta(minutes=5))
RESET_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Guesses:
    """How often a password was guessed wrong, for one account or from one address."""

    count: int
    last_at: datetime
    blocked_until: datetime | None = None


def wait_seconds(guesses: Guesses, *, at: datetime) -> int:
    """Return how many seconds must pass before the next guess; 0 when it may be made."""
    if guesses.blocked_until is None:
        return 0
    return max(0, ceil((guesses.blocked_until - at).total_seconds()))


def charged(guesses: Guesses, limit: Limit, *, at: datetime) -> Guesses:
    """Return the count after one more guess, which is taken for a wrong one until it proves right."""
    count = 1 if at - guesses.last_at >= RESET_AFTER else guesses.count + 1
    last_at = max(at, guesses.last_at)
    if count < limit.free:
        return Guesses(count, last_at)
    # 2 to the 20th second is beyond any limit; the bound keeps the number small.
    delay = timedelta(seconds=2 ** min(count - limit.free, 20))
    return Guesses(count, last_at, at + min(delay, limit.longest))


def forgiven(guesses: Guesses) -> Guesses:
    """Return the count without the guess that proved right."""
    return Guesses(max(0, guesses.count - 1), guesses.last_at)
