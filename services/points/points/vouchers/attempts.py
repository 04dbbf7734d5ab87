"""Guessing codes: an account that names too many which are not its own has to wait."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse

from points.vouchers.errors import TooManyFailedAttempts, VoucherNotFound
from points.vouchers.rules import ATTEMPTS_COUNT_FOR, FAILED_ATTEMPTS, seconds_to_wait
from shared.db import execute, rows


def guarded(respond: Callable[[], HttpResponse], *, account_id: UUID, at: datetime) -> HttpResponse:
    """Answer a request that names a code, and count it when there was no such voucher for this account.

    It counts after the request's own transaction has ended, because a refusal undoes that one. Requests
    that run at the same instant do not see each other's failures.

    :raises TooManyFailedAttempts: too many failures lie behind; the code is not even looked at.
    """
    check_attempts(account_id=account_id, at=at)
    try:
        response = respond()
    except VoucherNotFound:
        note_failed_attempt(account_id=account_id, at=at)
        raise
    # `once` has answered the refusal already; the same answer given again is no new guess.
    if response.status_code == VoucherNotFound.status and "Idempotent-Replayed" not in response:
        note_failed_attempt(account_id=account_id, at=at)
    return response


def check_attempts(*, account_id: UUID, at: datetime) -> None:
    """Check that an account may name a code.

    :raises TooManyFailedAttempts: it named too many wrong ones within the window that slides behind `at`.
    """
    oldest = rows(
        "SELECT at FROM voucher_failed_attempt WHERE account_id = %s AND at > %s ORDER BY at DESC LIMIT 1 OFFSET %s",
        [account_id, at - ATTEMPTS_COUNT_FOR, FAILED_ATTEMPTS - 1],
    )
    if oldest:
        raise TooManyFailedAttempts(retry_after=seconds_to_wait(oldest[0][0], at=at))


def note_failed_attempt(*, account_id: UUID, at: datetime) -> None:
    """Remember that an account named a code that is not its own."""
    execute("INSERT INTO voucher_failed_attempt (account_id, at) VALUES (%s, %s)", [account_id, at])


def forget_failed_attempts(*, at: datetime) -> int:
    """Remove attempts that no longer count; return how many."""
    return execute("DELETE FROM voucher_failed_attempt WHERE at <= %s", [at - ATTEMPTS_COUNT_FOR])
