"""What a consumer's report does to the producer's outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings

from shared.db import execute


def settle(
    *,
    consumer: str,
    done: Sequence[UUID],
    failed: Mapping[UUID, str],
    unknown: Mapping[UUID, str],
    at: datetime,
) -> None:
    """Remove what the consumer has committed; put off what failed; park what no repeat will mend.

    A failed message is sent again after 1 s, 2 s, 4 s … up to an hour, and is parked after
    MESSAGE_MAX_FAILURES failures. Reports may come twice or late: they change nothing then.
    """
    if done:
        execute("DELETE FROM outbox WHERE destination = %s AND message_id = ANY(%s::uuid[])", [consumer, list(done)])
    for message_id, error in failed.items():
        execute(
            "UPDATE outbox SET failures = failures + 1, last_error = %(error)s,"
            " next_attempt_at = %(at)s::timestamptz + least(3600, power(2, least(failures, 12))) * interval '1 second',"
            " parked_at = CASE WHEN failures + 1 >= %(most)s THEN %(at)s::timestamptz ELSE parked_at END"
            " WHERE destination = %(consumer)s AND message_id = %(id)s",
            {
                "error": error,
                "at": at,
                "most": settings.MESSAGE_MAX_FAILURES,
                "consumer": consumer,
                "id": message_id,
            },
        )
    for message_id, error in unknown.items():
        execute(
            "UPDATE outbox SET failures = failures + 1, last_error = %s, parked_at = %s"
            " WHERE destination = %s AND message_id = %s",
            [error, at, consumer, message_id],
        )
