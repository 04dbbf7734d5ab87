"""Guessing codes: who names too many that are not theirs has to wait; their own vouchers go on (ADR 39).

`at` is the machine's time.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.http import HttpResponse

from points.vouchers import queries
from points.vouchers.errors import TooManyFailedAttempts, VoucherNotFound
from points.vouchers.rules import (
    ATTEMPTS_COUNT_FOR,
    FAILED_ATTEMPTS,
    FAILED_ATTEMPTS_FOR_CUSTOMER,
    Guesser,
    Redeemer,
    attempts_allowed,
    seconds_to_wait,
)
from shared import clock
from shared.db import execute, rows

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('vouchers.attempts'), hashtext(%s))"
# Whoever names codes for customers has one count for itself and one for all of them; each of them has their own.
_NTH_LAST_OF_OWN = """
SELECT at FROM voucher_failed_attempt WHERE account_id = %s AND customer_id IS NULL AND at > %s
ORDER BY at DESC LIMIT 1 OFFSET %s
"""
_NTH_LAST_FOR_CUSTOMERS = """
SELECT at FROM voucher_failed_attempt WHERE account_id = %s AND customer_id IS NOT NULL AND at > %s
ORDER BY at DESC LIMIT 1 OFFSET %s
"""
_NTH_LAST_FOR_CUSTOMER = """
SELECT at FROM voucher_failed_attempt WHERE account_id = %s AND customer_id = %s AND at > %s
ORDER BY at DESC LIMIT 1 OFFSET %s
"""
_INSERT = "INSERT INTO voucher_failed_attempt (account_id, customer_id, at) VALUES (%s, %s, %s) RETURNING id"


def guesser_of(redeemer: Redeemer) -> Guesser:
    """Return whose failed attempts count when a redeemer names a code."""
    return Guesser(redeemer.actor_id, None if redeemer.named == redeemer.actor_id else redeemer.named)


def guarded(respond: Callable[[], HttpResponse], guesser: Guesser, code: str, *, at: datetime) -> HttpResponse:
    """Answer a request that names a code; it stays counted where there was no such voucher for this account.

    :raises TooManyFailedAttempts: as in `charge`; nobody looks whether the code exists.
    """
    attempt, is_failure = charge(guesser, code, at=at), False
    try:
        response = respond()
        # `once` has answered the refusal already; the same answer given again is no new guess.
        is_failure = response.status_code == VoucherNotFound.status and "Idempotent-Replayed" not in response
        return response
    except VoucherNotFound:
        is_failure = True
        raise
    finally:
        if not is_failure:
            take_back(attempt)


def charge(guesser: Guesser, code: str, *, at: datetime) -> int | None:
    """Count a code before anybody acts on it, so that sixty at once are no way around the limit; return the attempt.

    Not counted, and None: a code that the account itself holds, which it can list, so that a right answer while it
    waits tells nothing; and one that its customer holds, so that a till which sends many at once stops nobody. The
    latter is refused while they wait: else to wait would mean nothing to who guesses.
    Commits at once: an attempt counts whatever becomes of the request. `take_back` removes it.

    :raises TooManyFailedAttempts: too many wrong ones lie within the window that slides behind `at`: for this customer,
        for all customers of the account, or of its own.
    """
    if queries.holds(code, guesser.account_id):
        return None
    is_right = guesser.customer_id is not None and queries.holds(code, guesser.customer_id)
    with transaction.atomic():
        execute(_LOCK, [str(guesser.account_id)])
        if since := _since(guesser, at=at):
            raise TooManyFailedAttempts(retry_after=seconds_to_wait(since, at=at))
        return None if is_right else _insert(guesser, at=at)


def take_back(attempt: int | None) -> None:
    """Remove an attempt that was none: the code was right, or nothing was told of it."""
    if attempt is not None:
        execute("DELETE FROM voucher_failed_attempt WHERE id = %s", [attempt])


def _insert(guesser: Guesser, *, at: datetime) -> int:
    return int(rows(_INSERT, [guesser.account_id, guesser.customer_id, at])[0][0])


def _since(guesser: Guesser, *, at: datetime) -> datetime | None:
    """Return when the oldest of the attempts that are too many was made; None where there are fewer."""
    account, begin = guesser.account_id, at - ATTEMPTS_COUNT_FOR
    if not guesser.customer_id:
        return _instant(_NTH_LAST_OF_OWN, account, begin, FAILED_ATTEMPTS - 1)
    last = FAILED_ATTEMPTS_FOR_CUSTOMER - 1
    if found := _instant(_NTH_LAST_FOR_CUSTOMER, account, guesser.customer_id, begin, last):
        return found
    if not _instant(_NTH_LAST_FOR_CUSTOMERS, account, begin, FAILED_ATTEMPTS - 1):
        return None
    # Uses have the installation's time.
    served = queries.customers_served(account, since=begin + clock.ahead())
    allowed = attempts_allowed(customers_served=served)
    return _instant(_NTH_LAST_FOR_CUSTOMERS, account, begin, allowed - 1)


def _instant(statement: str, *parameters: object) -> datetime | None:
    found = rows(statement, parameters)
    return found[0][0] if found else None


def purge_failed_attempts(*, at: datetime) -> int:
    """Remove attempts that no longer count; return how many."""
    return execute("DELETE FROM voucher_failed_attempt WHERE at <= %s", [at - ATTEMPTS_COUNT_FOR])
