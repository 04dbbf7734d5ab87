"""Tables stay small: what is done leaves by age, in chunks, however much there is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shared import clock
from shared.messaging.models import InboxMessage, OutboxMessage, PublishedMessage
from shared.messaging.outbox import publish
from shared.messaging.purge import purge_inbox, purge_published
from shared.purging import CHUNK
from tests.test_messages import payment

MANY = 1_000_000
# Ids in the order of their making, as those of version 7 are.
_FILL = """
INSERT INTO inbox (message_id, producer, name, received_at)
SELECT lpad(to_hex(%(days)s * 10000000 + n), 32, '0')::uuid, 'points', 'payment_captured',
       now() - %(days)s * interval '1 day' FROM generate_series(1, %(count)s) AS n
"""


def fill_inbox(count: int, *, days_old: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"count": count, "days": days_old})


@pytest.mark.django_db(transaction=True)
def test_a_million_old_inbox_rows_leave_in_chunks_and_young_ones_stay():
    fill_inbox(MANY, days_old=31)
    fill_inbox(10, days_old=29)

    with CaptureQueriesContext(connection) as queries:
        removed = purge_inbox(at=clock.machine_now())

    assert (removed, InboxMessage.objects.count()) == (MANY, 10)
    assert len(queries) == MANY // CHUNK + 1


@pytest.mark.django_db
def test_what_was_published_long_ago_is_purged_unless_somebody_still_waits_for_it(settings):
    waits, done = publish([payment(), payment()])
    OutboxMessage.objects.filter(message_id=done).delete()
    later = clock.machine_now() + timedelta(days=settings.MESSAGE_KEPT_DAYS, seconds=1)

    assert purge_published(at=later - timedelta(seconds=60)) == 0
    assert purge_published(at=later) == 1

    assert PublishedMessage.objects.get().message_id == waits
