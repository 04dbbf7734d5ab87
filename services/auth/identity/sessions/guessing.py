"""Slowing down who guesses: counted in PostgreSQL, so the limits hold across workers and restarts."""

import hashlib
from datetime import datetime

from django.db import transaction

from identity.sessions import rules
from identity.sessions.errors import TooManyGuesses
from identity.sessions.models import GuessCount
from identity.users.rules import normal_email
from shared.db import rows

_LIMITS = {"account": rules.ACCOUNT, "address": rules.ADDRESS, "register": rules.ADDRESS}


def charge(*, email: str, address: str | None, at: datetime) -> None:
    """Count a guess before the password is looked at, so that a hundred at once are no way around the limit.

    Commits at once: the count stays whatever becomes of the request. `forgive` takes it back.

    :raises TooManyGuesses: for this account or from this address, with `retry_after` in seconds. It
        is the same for an address that has no account.
    """
    _charge({"account": _account(email), "address": address or ""}, at)


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
    _charge({"register": address or ""}, at)


def forgive(*, email: str, address: str | None, at: datetime) -> None:
    """Take the guess back that proved right: the account starts anew, the address has one less.

    The address is not cleared, or an attacker's own account would clear it between guesses at others'.
    """
    subjects = {"account": _account(email), "address": address or ""}
    counts = _lock(subjects, at)
    _save("account", subjects["account"], rules.Guesses(0, counts["account"].last_at))
    _save("address", subjects["address"], rules.forgiven(counts["address"]))


def _charge(subjects: dict[str, str], at: datetime) -> None:
    with transaction.atomic():
        counts = _lock(subjects, at)
        if wait := max(rules.wait_seconds(guesses, at=at) for guesses in counts.values()):
            raise TooManyGuesses(retry_after=wait)
        for kind, guesses in counts.items():
            _save(kind, subjects[kind], rules.charged(guesses, _LIMITS[kind], at=at))


def _lock(subjects: dict[str, str], at: datetime) -> dict[str, rules.Guesses]:
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


def _account(email: str) -> str:
    return hashlib.sha256(normal_email(email).encode()).hexdigest()
