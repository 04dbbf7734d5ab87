"""Keeping the tables small: what was published and what was acted on leave by age, in chunks that hold few locks."""

from datetime import datetime, timedelta

from django.conf import settings

from shared.ids import first_id_of
from shared.purging import purge_older

# Longer than any message is sent again: what was published is purged sooner (`MESSAGE_KEPT_DAYS`, at most half of it).
INBOX_KEPT = timedelta(days=30)
_INBOX = """
DELETE FROM inbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox WHERE received_at < %s ORDER BY received_at LIMIT %s))
"""
# In the order of the key, and each looked for in the outbox by itself (OFFSET 0: not as a join).
_PUBLISHED = """
DELETE FROM published_message WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM published_message AS published WHERE message_id < %s
    AND NOT EXISTS (SELECT FROM outbox WHERE outbox.message_id = published.message_id OFFSET 0)
    ORDER BY message_id LIMIT %s))
"""


def purge_inbox(*, at: datetime) -> int:
    """Remove inbox rows older than 30 days; return how many."""
    return purge_older(_INBOX, at - INBOX_KEPT)


def purge_published(*, at: datetime) -> int:
    """Remove what was published more than MESSAGE_KEPT_DAYS ago and waits for nobody; return how many."""
    oldest = first_id_of(at - timedelta(days=settings.MESSAGE_KEPT_DAYS))
    return purge_older(_PUBLISHED, oldest)
