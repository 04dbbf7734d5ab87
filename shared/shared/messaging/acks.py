"""What a consumer's report does to the producer's outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from shared.db import Prepared, array, text_array

# What a crash takes back is only that a row left: it is sent again, absorbed, and reported again.
_NO_WAIT = Prepared("acks_no_wait", "SELECT set_config('synchronous_commit', 'off', true)")
_PUT_OFF = Prepared(
    "acks_put_off",
    """
    UPDATE outbox SET failures = failures + 1, last_error = said.error,
        next_attempt_at = %(at)s::timestamptz + least(3600, power(2, least(failures, 12))) * interval '1 second',
        parked_at = CASE WHEN failures + 1 >= %(most)s::integer THEN %(at)s::timestamptz ELSE parked_at END
    FROM unnest(%(ids)s::uuid[], %(errors)s::text[]) AS said (message_id, error)
    WHERE outbox.message_id = said.message_id AND outbox.destination = %(consumer)s::text
    """,
)
_PARK = Prepared(
    "acks_park",
    """
    UPDATE outbox SET failures = failures + 1, last_error = said.error, parked_at = %(at)s::timestamptz
    FROM unnest(%(ids)s::uuid[], %(errors)s::text[]) AS said (message_id, error)
    WHERE outbox.message_id = said.message_id AND outbox.destination = %(consumer)s::text
    """,
)
_REMOVE = Prepared(
    "acks_remove",
    "DELETE FROM outbox WHERE destination = %(consumer)s::text AND message_id = ANY(%(ids)s::uuid[])",
)


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
        _NO_WAIT.later({})
        if failed:
            _PUT_OFF.later({**_said(consumer, failed, at), "most": settings.MESSAGE_MAX_FAILURES})
        if unknown:
            _PARK.later(_said(consumer, unknown, at))
        if done:
            _REMOVE.later({"consumer": consumer, "ids": array(done)})


def _said(consumer: str, errors: Mapping[UUID, str], at: datetime) -> dict[str, Any]:
    return {"consumer": consumer, "at": at, "ids": array(list(errors)), "errors": text_array(errors.values())}
