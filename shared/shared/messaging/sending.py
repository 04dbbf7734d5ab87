"""What the relay sends: claim what is due, pack it, put it on the broker; the consumer's report removes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

import msgspec
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerError

from shared.contracts.base import REGISTRY
from shared.contracts.routes import SERVICES
from shared.db import Prepared, Row, array, execute
from shared.messaging.lanes import Lane
from shared.messaging.producers import inbox_of, send, waiting

PACK = 500
# Tasks that may wait for a consumer in a lane. A consumer that is away for a day costs the broker this much memory and
# no more: the rest waits in the outbox, and what is due again is not sent again on top. Few, so that they are large: a
# worker takes one producer's task and another's in turn, and behind twenty of one message each a new one would wait for
# twenty of a flood's five hundred. Fewest where a person waits: on a busy machine a task takes about as long with one
# message as with ten, so that each one ahead is time lost.
WAITING_AT_MOST = {Lane.INTERACTIVE: 2, Lane.BULK: 4}
BROKER_PAUSE = timedelta(seconds=2)
# When what nobody reported on is sent again, the first time: well over what a pack takes with three before it. A worker
# was killed, and somebody may wait.
UNREPORTED = timedelta(seconds=30)
# When a chunk of a job is brought that nobody reports on: longer than one takes. A worker was killed, and the whole job
# waits for it.
LATE = timedelta(seconds=15)
# The names of messages for which no pack is let fill.
_AT_ONCE = frozenset(name for (name, _), one in REGISTRY.items() if one.AT_ONCE)
_NAME = 5

# The first of each by the index: as EXISTS the two are joined, and what was claimed or published is read as well.
_DUE = Prepared(
    "outbox_due",
    """
    SELECT to_whom, in_bulk FROM unnest(%(destinations)s::text[]) AS to_whom
    CROSS JOIN (VALUES (false), (true)) AS lane (in_bulk) CROSS JOIN LATERAL (
        SELECT FROM outbox WHERE destination = to_whom AND is_bulk = in_bulk
        AND parked_at IS NULL AND next_attempt_at <= %(at)s::timestamptz ORDER BY next_attempt_at LIMIT 1) AS due
    """,
)
# A sending that was reported as failed does not double the wait for a report: its consumer is there. What a service
# asks of itself in bulk are chunks of jobs.
# By physical address and one by one: no plan may read the whole of either table, however much waits or was published.
_CLAIM = Prepared(
    "outbox_claim",
    f"""
    WITH claimed AS (
        UPDATE outbox SET attempts = attempts + 1,
            next_attempt_at = %(at)s::timestamptz
                + least(3600, power(2, least(greatest(attempts - failures, 0), 7))
                    * CASE WHEN is_bulk AND destination = %(own)s::text THEN {LATE.seconds} ELSE {UNREPORTED.seconds}
                      END) * interval '1 second'
        WHERE ctid = ANY (ARRAY(
            SELECT due.ctid FROM unnest(%(destinations)s::text[], %(lanes)s::boolean[]) AS way (to_whom, in_bulk)
            CROSS JOIN LATERAL (
                SELECT ctid FROM outbox
                WHERE destination = to_whom AND is_bulk = in_bulk
                AND parked_at IS NULL AND next_attempt_at <= %(at)s::timestamptz
                ORDER BY next_attempt_at, number LIMIT %(limit)s::integer FOR UPDATE SKIP LOCKED) AS due))
        RETURNING destination, number, attempts, message_id, is_bulk)
    SELECT claimed.*, published.* FROM claimed CROSS JOIN LATERAL (
        SELECT name, version, occurred_at, correlation_id, causation_id, payload::text FROM published_message
        WHERE published_message.message_id = claimed.message_id LIMIT 1) AS published
    ORDER BY is_bulk, destination, number
    """,
)
_NOTE_RESENT = """
INSERT INTO message_peer (name, resent, compared, missing, surplus) VALUES (%s, %s, 0, 0, 0)
ON CONFLICT (name) DO UPDATE SET resent = message_peer.resent + excluded.resent
"""


# A destination and a lane to it.
Way = tuple[str, Lane]


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages a pass sent, how many of them somebody waits for, how many were in its largest pack, and
    whether some consumer has enough."""

    messages: int = 0
    interactive: int = 0
    largest: int = 0
    is_blocked: bool = False


def send_due(*, at: datetime, limit: int = PACK) -> Sent:
    """Send one pack to each destination and lane that has messages due and not too much waiting, interactive first.

    The next try is noted and committed before the pack is sent, so a relay that dies in between
    has only put it off.

    :raises kombu.exceptions.OperationalError: the broker is away; what was claimed is due again in 2 s.
    """
    found = _DUE.rows({"destinations": array(SERVICES), "at": at})
    due = [(name, Lane.BULK if is_bulk else Lane.INTERACTIVE) for name, is_bulk in found]
    free = [(name, lane) for name, lane in due if waiting(name, inbox_of(name, lane)) < WAITING_AT_MOST[lane]]
    packs = _claim(free, at=at, limit=limit)
    for number, pack in enumerate(packs):
        try:
            _send(pack)
        except BrokerError:
            _put_off([row for unsent in packs[number:] for row in unsent], until=at + BROKER_PAUSE)
            raise
    sizes = [len(pack) for pack in packs]
    return Sent(
        messages=sum(sizes),
        interactive=sum(_paced(pack) for pack in packs if _lane_of(pack) is Lane.INTERACTIVE),
        largest=max(sizes, default=0),
        is_blocked=len(free) < len(due),
    )


def _claim(ways: Sequence[Way], *, at: datetime, limit: int) -> list[list[Row]]:
    """Claim up to so many messages for each way and return them, one pack for each, the interactive ones first."""
    if not ways:
        return []
    destinations, lanes = array([name for name, _ in ways]), array([lane is Lane.BULK for _, lane in ways])
    ways_and_own = {"destinations": destinations, "lanes": lanes, "own": settings.SERVICE}
    found = _CLAIM.rows({**ways_and_own, "at": at, "limit": limit})
    return [list(pack) for _, pack in groupby(found, key=itemgetter(0, 4))]


def _paced(pack: Sequence[Row]) -> int:
    return sum(row[_NAME] not in _AT_ONCE for row in pack)


def _lane_of(pack: Sequence[Row]) -> Lane:
    return Lane.BULK if pack[0][4] else Lane.INTERACTIVE


def _send(pack: Sequence[Row]) -> None:
    destination, lane = pack[0][0], _lane_of(pack)
    send(destination, inbox_of(destination, lane), "messages.receive", {"pack": _text(pack), "lane": lane.value})
    if resent := sum(attempts > 1 for _, _, attempts, *_ in pack):
        execute(_NOTE_RESENT, [destination, resent])


def _put_off(pack: Sequence[Row], *, until: datetime) -> None:
    execute(
        "UPDATE outbox SET next_attempt_at = %s FROM unnest(%s::text[], %s::uuid[]) AS unsent (destination, message_id)"
        " WHERE outbox.message_id = unsent.message_id AND outbox.destination = unsent.destination",
        [until, array([row[0] for row in pack]), array([row[3] for row in pack])],
    )


def _text(pack: Sequence[Row]) -> str:
    """Write a pack as JSON; payloads go as they are stored, without being read."""
    envelopes = [
        {
            "id": message_id,
            "name": name,
            "version": version,
            "producer": settings.SERVICE,
            "occurred_at": occurred_at,
            "correlation_id": correlation_id,
            "causation_id": causation_id,
            "payload": msgspec.Raw(payload.encode()),
        }
        for _, _, _, message_id, _, name, version, occurred_at, correlation_id, causation_id, payload in pack
    ]
    return msgspec.json.encode(envelopes).decode()
