"""Keeping the tables small: what was told and what was acted on leave by age, in chunks that hold few locks."""

from datetime import datetime, timedelta

from django.conf import settings

from shared.ids import first_id_of
from shared.purging import purge_older

# Longer than any message is sent again: what was told is forgotten sooner (`MESSAGE_KEPT_DAYS` is at most half of it).
INBOX_KEPT = timedelta(days=30)
_INBOX = """
DELETE FROM inbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox WHERE received_at < %s ORDER BY received_at LIMIT %s))
"""
# In the order of the key, and each looked for in the outbox by itself (OFFSET 0: not as a join).
_TOLD = """
DELETE FROM told_message WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM told_message AS told WHERE message_id < %s
    AND NOT EXISTS (SELECT FROM outbox WHERE outbox.message_id = told.message_id OFFSET 0)
    ORDER BY message_id LIMIT %s))
"""


def purge_inbox(*, at: datetime) -> int:
    """Remove inbox rows older than 30 days; return how many."""
    return purge_older(_INBOX, at - INBOX_KEPT)


def purge_told(*, at: datetime) -> int:
    """Remove what was told more than MESSAGE_KEPT_DAYS ago and waits for nobody; return how many."""
    oldest = first_id_of(at - timedelta(days=settings.MESSAGE_KEPT_DAYS))
    return purge_older(_TOLD, oldest)
