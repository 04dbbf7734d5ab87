"""What a consumer's report does to the producer's outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from shared.db import array, execute, text_array

_PUT_OFF = """
UPDATE outbox SET failures = failures + 1, last_error = said.error,
    next_attempt_at = %(at)s::timestamptz + least(3600, power(2, least(failures, 12))) * interval '1 second',
    parked_at = CASE WHEN failures + 1 >= %(most)s THEN %(at)s::timestamptz ELSE parked_at END
FROM unnest(%(ids)s::uuid[], %(errors)s::text[]) AS said (message_id, error)
WHERE outbox.message_id = said.message_id AND outbox.destination = %(consumer)s
"""
_PARK_UNKNOWN = """
UPDATE outbox SET failures = failures + 1, last_error = said.error, parked_at = %s
FROM unnest(%s::uuid[], %s::text[]) AS said (message_id, error)
WHERE outbox.message_id = said.message_id AND outbox.destination = %s
"""


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
    with transaction.atomic():
        # What a crash takes back is only that a row left: it is sent again, absorbed, and reported again.
        execute("SET LOCAL synchronous_commit = off")
        _settle_failed(consumer, failed, at=at)
        execute(_PARK_UNKNOWN, [at, *_columns(unknown), consumer])
        execute("DELETE FROM outbox WHERE destination = %s AND message_id = ANY(%s::uuid[])", [consumer, array(done)])


def _settle_failed(consumer: str, failed: Mapping[UUID, str], *, at: datetime) -> None:
    ids, errors = _columns(failed)
    most = settings.MESSAGE_MAX_FAILURES
    execute(_PUT_OFF, {"at": at, "most": most, "consumer": consumer, "ids": ids, "errors": errors})


def _columns(errors: Mapping[UUID, str]) -> tuple[str, str]:
    return array(list(errors)), text_array(errors.values())
