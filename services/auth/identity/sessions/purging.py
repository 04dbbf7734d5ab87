"""Keeping the tables of sessions small."""

from datetime import datetime, timedelta

from identity.sessions.rules import FORGOTTEN_AFTER
from shared.db import execute

# For questions of the kind "who was signed in last week?".
SESSIONS_KEPT = timedelta(days=30)
CHUNK = 5000

_CHUNKS = {
    "sessions": "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at < %s LIMIT %s)",
    "tokens": "DELETE FROM refresh_token WHERE id IN (SELECT id FROM refresh_token WHERE expires_at < %s LIMIT %s)",
    "guesses": "DELETE FROM guess_count WHERE id IN (SELECT id FROM guess_count WHERE last_at < %s LIMIT %s)",
}


def purge(*, at: datetime) -> dict[str, int]:
    """Remove what has no use any more, in chunks that hold few locks; return how many rows of each.

    A spent token is kept until it would have expired, so that its reuse is noticed until then. The
    tokens of a session go before it, and long before: they expire with it, and it is kept longer.
    """
    before = {"tokens": at, "sessions": at - SESSIONS_KEPT, "guesses": at - FORGOTTEN_AFTER}
    return {name: _purge(_CHUNKS[name], limit) for name, limit in before.items()}


def _purge(statement: str, before: datetime) -> int:
    removed = 0
    while gone := execute(statement, [before, CHUNK]):
        removed += gone
    return removed
