"""Slowing down who guesses: counted in PostgreSQL, so the limits hold across workers and restarts."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction

from identity.sessions import rules
from identity.sessions.errors import TooManyGuesses
from identity.sessions.models import GuessCount
from identity.users.rules import normal_email
from shared.db import rows

Subjects = dict[str, str]
_LIMITS = {
    "account": rules.ACCOUNT,
    "device": rules.ACCOUNT,
    "change": rules.ACCOUNT,
    "address": rules.ADDRESS,
    "register": rules.ADDRESS,
}


def of_sign_in(*, email: str, address: str | None, is_known: bool) -> Subjects:
    """Return what a sign-in is counted for: the account and the network address.

    Where the account has signed in from this address before, the pair of both alone: so strangers who guess, at this
    account from elsewhere or at others from here, do not shut its owner out.
    """
    if is_known:
        return {"device": _digest(f"{normal_email(email)} {address}")}
    return {"account": _digest(normal_email(email)), "address": address or ""}


def of_change(user_id: UUID) -> Subjects:
    """Return what a change of a password is counted for: who does it is signed in, and counted apart."""
    return {"change": str(user_id)}


def charge(subjects: Subjects, *, at: datetime) -> None:
    """Count a guess before the password is looked at, so that a hundred at once are no way around the limit.

    Commits at once: the count stays whatever becomes of the request. `forgive` takes it back.

    :raises TooManyGuesses: for one of the subjects, with `retry_after` in seconds. It is the same for an e-mail address
        that has no account.
    """
    with transaction.atomic():
        counts = _lock(subjects, at)
        if wait := max(rules.wait_seconds(guesses, at=at) for guesses in counts.values()):
            raise TooManyGuesses(retry_after=wait)
        for kind, guesses in counts.items():
            _save(kind, subjects[kind], rules.charged(guesses, _LIMITS[kind], at=at))


def check_registration(*, address: str | None, at: datetime) -> None:
    """Check that a network address may register at all; those that asked too much get no answer, yes or no.

    :raises TooManyGuesses: too many registrations from there told that an account exists.
    """
    blocked = GuessCount.objects.filter(kind="register", subject=address or "", blocked_until__gt=at).first()
    if blocked is not None:
        guesses = rules.Guesses(blocked.count, blocked.last_at, blocked.blocked_until)
        raise TooManyGuesses(retry_after=rules.wait_seconds(guesses, at=at))


def charge_registration(*, address: str | None, at: datetime) -> None:
    """Count a registration that told that an account exists; those that made one are not counted.

    :raises TooManyGuesses: too many of them came from this network address.
    """
    charge({"register": address or ""}, at=at)


def forgive(subjects: Subjects, *, at: datetime) -> None:
    """Take the guess back that proved right: all start anew, but for the address, which has one less.

    It is not cleared, or an attacker's own account would clear it between guesses at others'.
    """
    for kind, counted in _lock(subjects, at).items():
        new = rules.forgiven(counted) if kind == "address" else rules.Guesses(0, counted.last_at)
        _save(kind, subjects[kind], new)


def _lock(subjects: Subjects, at: datetime) -> dict[str, rules.Guesses]:
    """Lock the counts, made where they are missing: in one statement and one order, account first."""
    found = rows(
        "INSERT INTO guess_count (kind, subject, count, last_at)"
        " SELECT *, 0, %s FROM unnest(%s::text[], %s::text[]) ON CONFLICT (kind, subject)"
        " DO UPDATE SET count = guess_count.count RETURNING kind, count, last_at, blocked_until",
        [at, list(subjects), list(subjects.values())],
    )
    return {kind: rules.Guesses(*values) for kind, *values in found}


def _save(kind: str, subject: str, new: rules.Guesses) -> None:
    GuessCount.objects.filter(kind=kind, subject=subject).update(
        count=new.count, last_at=new.last_at, blocked_until=new.blocked_until
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
