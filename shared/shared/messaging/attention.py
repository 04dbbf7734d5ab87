"""What needs a person: parked messages, sent again or skipped for a reason; and how each destination fares."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from shared.db import array, execute, rows, unit_of_work
from shared.errors import DomainError, NotFound
from shared.ids import made_at
from shared.messaging.comparison import consumers
from shared.messaging.models import OutboxMessage

# A backlog is not counted whole: each scrape would read all of it.
COUNTED_AT_MOST = 10_000
# Once or twice is a deadlock or a restart; after so many reports the next attempt is ever later.
FAILING = 3


class Waiting(msgspec.Struct, frozen=True):
    """A message that waits for one destination."""

    message_id: UUID
    destination: str
    name: str
    version: int
    occurred_at: datetime
    correlation_id: str
    attempts: int
    failures: int
    last_error: str
    next_attempt_at: datetime
    parked_at: datetime | None
    is_bulk: bool


class Flow(msgspec.Struct, frozen=True):
    """One destination: what waits, for how long, what is parked, and what the last comparison found.

    `waiting` are the interactive messages that are not parked, `bulk_waiting` those of bulk jobs, and `oldest_seconds`
    and `bulk_oldest_seconds` the ages of the oldest of each; `compared_at` and `agreed_at` are null until the first
    comparison. 10,000 that wait or are parked are at least as many: the oldest is then that of those due first.
    `failing` are those that wait, of both lanes, whose consumer reported three times that it could not act, and
    `last_error` is what it said of one of them.
    """

    destination: str
    waiting: int
    oldest_seconds: float
    bulk_waiting: int
    bulk_oldest_seconds: float
    parked: int
    failing: int
    last_error: str
    resent: int
    compared_at: datetime | None
    agreed_at: datetime | None
    compared: int
    missing: int
    surplus: int


class MessageNotWaiting(NotFound):
    """No such message waits for this destination: it was never published, it was acted on, or it was skipped."""

    code = "messages.not_waiting"
    title = "No such message waits for this destination"


class MessageNotParked(DomainError):
    """The message is on its way; only one that is parked can be skipped."""

    code = "messages.not_parked"
    title = "The message is not parked"


# The key of the outbox, and of the index on what is parked.
ORDER = ("message_id", "destination")
_SAID = """
SELECT DISTINCT said.* FROM unnest(%s::uuid[]) AS named (message_id)
CROSS JOIN LATERAL (SELECT message_id, name, version, occurred_at, correlation_id FROM published_message AS published
                    WHERE published.message_id = named.message_id OFFSET 0) AS said
"""
# What waits is counted up to a bound, what is due first before the rest: of what was never sent, the oldest first.
_OF_LANE = """
SELECT count(*), min(counted.message_id::text)::uuid AS oldest,
       count(*) FILTER (WHERE failures >= %(failing)s) AS failing,
       max(last_error) FILTER (WHERE failures >= %(failing)s) AS last_error
FROM (SELECT message_id, failures, last_error FROM outbox
      WHERE outbox.destination = destination.destination AND is_bulk = {lane} AND parked_at IS NULL
      ORDER BY next_attempt_at LIMIT %(most)s) AS counted
"""
_FLOWS = f"""
SELECT destination, waiting.count, waiting.oldest, bulk.count, bulk.oldest, parked.count,
       waiting.failing + bulk.failing, coalesce(waiting.last_error, bulk.last_error, ''),
       coalesce(resent, 0), compared_at, agreed_at, coalesce(compared, 0), coalesce(missing, 0), coalesce(surplus, 0)
FROM unnest(%(destinations)s::text[]) AS destination
CROSS JOIN LATERAL ({_OF_LANE.format(lane="false")}) AS waiting
CROSS JOIN LATERAL ({_OF_LANE.format(lane="true")}) AS bulk
CROSS JOIN LATERAL (SELECT count(*) FROM (
    SELECT FROM outbox WHERE outbox.destination = destination.destination AND parked_at IS NOT NULL
    ORDER BY message_id LIMIT %(most)s) AS counted) AS parked
LEFT JOIN message_peer ON message_peer.name = destination ORDER BY destination
"""
_RESEND = """
UPDATE outbox SET parked_at = NULL, failures = 0, next_attempt_at = %(at)s
WHERE parked_at IS NOT NULL AND (%(ids)s::uuid[] IS NULL OR message_id = ANY (%(ids)s::uuid[]))
AND (%(whom)s::text IS NULL OR destination = %(whom)s)
"""


def waiting(*, parked_only: bool = True, limit: int = 100) -> list[Waiting]:
    """Return the first messages that wait, in the order of their ids."""
    return described(list(listed(parked_only=parked_only).order_by(*ORDER)[:limit]))


def listed(*, parked_only: bool) -> QuerySet[OutboxMessage]:
    """Return what waits, for lists (`ORDER` is their order); `described` tells the rest."""
    found = OutboxMessage.objects.all()
    return found.filter(parked_at__isnull=False) if parked_only else found


def described(page: list[OutboxMessage]) -> list[Waiting]:
    """Return waiting messages with what they say of themselves, in one statement for any number."""
    said = {message_id: values for message_id, *values in rows(_SAID, [array([one.message_id for one in page])])}
    names = ("attempts", "failures", "last_error", "next_attempt_at", "parked_at", "is_bulk")
    return [
        Waiting(one.message_id, one.destination, *said[one.message_id], *(getattr(one, name) for name in names))
        for one in page
        if one.message_id in said
    ]


def flows(*, at: datetime) -> list[Flow]:
    """Return how each destination fares."""
    found = rows(_FLOWS, {"destinations": array(consumers()), "most": COUNTED_AT_MOST, "failing": FAILING})
    return [
        Flow(name, waiting, _age(oldest, at), bulk, _age(oldest_bulk, at), *others)
        for name, waiting, oldest, bulk, oldest_bulk, *others in found
    ]


def _age(oldest: UUID | None, at: datetime) -> float:
    """Return for how many seconds a message is under way: since its id was made, which is the machine's time."""
    return max(0.0, (at - made_at(oldest)).total_seconds()) if oldest else 0.0


def resend(*, ids: Sequence[UUID] | None = None, destination: str | None = None, at: datetime) -> int:
    """Send parked messages again, all of them or those named; return how many."""
    return execute(_RESEND, {"ids": None if ids is None else array(ids), "whom": destination, "at": at})


def skip(message_id: UUID, *, destination: str, reason: str, by: str, at: datetime) -> None:
    """Decide never to send a parked message to a destination; who decided it and why is kept for ever.

    :raises MessageNotWaiting: no such message waits for it.
    :raises MessageNotParked: it is on its way.
    """
    with unit_of_work():
        found = rows(
            "SELECT parked_at, last_error FROM outbox WHERE message_id = %s AND destination = %s FOR UPDATE",
            [message_id, destination],
        )
        if not found:
            raise MessageNotWaiting()
        if found[0][0] is None:
            raise MessageNotParked()
        values: list[Any] = [message_id, destination, reason, found[0][1], by, at]
        execute(
            "INSERT INTO skipped_message (message_id, destination, reason, last_error, skipped_by, skipped_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            values,
        )
        execute("DELETE FROM outbox WHERE message_id = %s AND destination = %s", [message_id, destination])
