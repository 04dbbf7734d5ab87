"""What a consumer's report does to the producer's outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction

from shared.db import Prepared, array

# What a crash takes back is only that a row left: it is sent again, absorbed, and reported again.
_SET_UP = Prepared("acks_set_up", "SELECT set_config('synchronous_commit', 'off', true)")
_THESE = "message_id = ANY(%(ids)s::uuid[]) AND destination || '' = %(consumer)s::text"
_ERROR = "last_error = %(errors)s::jsonb ->> message_id::text"
_PUT_OFF = Prepared(
    "acks_put_off",
    f"""
    UPDATE outbox SET failures = failures + 1, {_ERROR},
        next_attempt_at = %(at)s::timestamptz + least(3600, power(2, least(failures, 12))) * interval '1 second',
        parked_at = CASE WHEN failures + 1 >= %(most)s::integer THEN %(at)s::timestamptz ELSE parked_at END
    WHERE {_THESE}
    """,
)
_PARK = Prepared(
    "acks_park",
    f"UPDATE outbox SET failures = failures + 1, {_ERROR}, parked_at = %(at)s::timestamptz WHERE {_THESE}",
)
_REMOVE = Prepared("acks_remove", f"DELETE FROM outbox WHERE {_THESE}")


class Report(msgspec.Struct, frozen=True):
    """What a consumer says became of messages that it was sent; the failed and unknown ones with the error."""

    consumer: str
    done: list[UUID]
    failed: dict[UUID, str]
    unknown: dict[UUID, str]


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
        _SET_UP.later({})
        if failed:
            _PUT_OFF.later({**_said(consumer, failed, at), "most": settings.MESSAGE_MAX_FAILURES})
        if unknown:
            _PARK.later(_said(consumer, unknown, at))
        if done:
            _REMOVE.later({"consumer": consumer, "ids": array(done)})


def _said(consumer: str, errors: Mapping[UUID, str], at: datetime) -> dict[str, Any]:
    reasons = msgspec.json.encode(errors).decode()
    return {"consumer": consumer, "at": at, "ids": array(list(errors)), "errors": reasons}
