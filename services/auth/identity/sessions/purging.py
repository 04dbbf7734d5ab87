"""Keeping the tables of sessions small."""

from datetime import datetime, timedelta

from identity.sessions.rules import RESET_AFTER
from shared.purging import purge_older

# For questions of the kind "who was signed in last week?".
SESSIONS_KEPT = timedelta(days=30)
_TOKENS = """
DELETE FROM refresh_token WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM refresh_token WHERE expires_at < %s ORDER BY expires_at LIMIT %s))
"""
_SESSIONS = """
DELETE FROM session WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM session WHERE expires_at < %s ORDER BY expires_at LIMIT %s))
"""
_GUESSES = """
DELETE FROM guess_count WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM guess_count WHERE last_at < %s ORDER BY last_at LIMIT %s))
"""


def purge(*, at: datetime) -> dict[str, int]:
    """Remove what has no use any more, in chunks that hold few locks; return how many rows of each.

    A spent token is kept until it would have expired, so that its reuse is noticed until then. The
    tokens of a session go before it, and long before: they expire with it, and it is kept longer.
    """
    return {
        "tokens": purge_older(_TOKENS, at),
        "sessions": purge_older(_SESSIONS, at - SESSIONS_KEPT),
        "guesses": purge_older(_GUESSES, at - RESET_AFTER),
    }
