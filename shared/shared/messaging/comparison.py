"""Anti-entropy: a producer and a consumer compare which messages they have, span by span, and mend what differs.

A message's id is a UUID version 7, so a span of time is a range of ids on both sides. For each span the producer
states how many messages it published and the exclusive or of their ids' random halves; what waits in its outbox is left
out on both sides. Where that differs the span is cut into sixty, and short or small ones are compared id by id
(Demers et al., Epidemic Algorithms for Replicated Database Maintenance, 1987: peel back from a checksum).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec
from django.conf import settings

from shared.contracts.base import REGISTRY
from shared.contracts.routes import ROUTES
from shared.db import array, execute, rows
from shared.ids import first_id_of, made_at

SMALLEST = timedelta(seconds=1)
PARTS = 60
IDS_AT_MOST = 5000


class Span(msgspec.Struct, frozen=True):
    """Messages published from `since` up to `until`: how many, and the exclusive or of their ids; or the ids."""

    since: datetime
    until: datetime
    count: int = 0
    hash: int = 0
    ids: list[UUID] | None = None


class _Text(msgspec.Struct, frozen=True):
    def text(self) -> str:
        """Write as JSON."""
        return msgspec.json.encode(self).decode()


class Question(_Text, frozen=True):
    """What a producer published, span by span; `waiting` are ids of these spans that are on their way."""

    producer: str
    asked_at: datetime
    spans: list[Span]
    waiting: list[UUID]
    is_first: bool = True


class Answer(_Text, frozen=True):
    """Where a consumer differs: `spans` to be looked at closer, `missing` ids, and how many it has in surplus."""

    consumer: str
    asked_at: datetime
    is_first: bool
    compared: int
    spans: list[Span]
    missing: list[UUID]
    surplus: int


def consumers() -> list[str]:
    """Return the services that this one sends messages to."""
    ours = [contract for contract in REGISTRY.values() if contract.PRODUCER in (settings.SERVICE, "")]
    return sorted({consumer for contract in ours for consumer in ROUTES[contract]})


def ask(consumer: str, *, hours: int | None = None, at: datetime) -> Question:
    """Return the first question to a consumer: a span for each of the last hours, or of all that is remembered."""
    kept = timedelta(days=settings.MESSAGE_KEPT_DAYS) - timedelta(hours=1)
    since = at - (kept if hours is None else min(kept, timedelta(hours=hours)))
    whole = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    # What is younger may be in a transaction that has not committed yet.
    until = at - timedelta(seconds=settings.MESSAGE_SETTLED_AFTER_SECONDS)
    edges = [whole + timedelta(hours=n) for n in range(int((until - whole) / timedelta(hours=1)) + 1)]
    # What was published before this service remembered it is no difference.
    first = max(_first_published(), whole)
    return _question(consumer, [first, *(edge for edge in edges if edge > first), until], asked_at=at)


def answer(question: Question) -> Answer:
    """Return where the messages that a producer published and those that were acted on here differ."""
    spans, missing, surplus = [], list[UUID](), 0
    found = _counted(_RECEIVED, question.producer, question.spans, question.waiting)
    for span, (count, xor) in zip(question.spans, found, strict=True):
        if span.ids is not None:
            lacking = _lacking(span.ids)
            missing += lacking
            surplus += max(0, count - (len(span.ids) - len(lacking)))
        elif (count, xor) != (span.count, span.hash):
            spans.append(span)
    compared = sum(span.count for span in question.spans)
    return Answer(settings.SERVICE, question.asked_at, question.is_first, compared, spans, missing, surplus)


def conclude(answer: Answer, *, at: datetime) -> list[Question]:
    """Send again what a consumer lacks, note the result, and return closer questions for the spans that differ."""
    resent = _send_again(answer.consumer, answer.missing, at=at)
    agreed = answer.is_first and not (answer.spans or answer.missing or answer.surplus)
    numbers = {"consumer": answer.consumer, "at": answer.asked_at, "agreed": agreed, "compared": answer.compared}
    execute(_NOTE_FIRST if answer.is_first else _NOTE_CLOSER, {**numbers, "missing": resent, "surplus": answer.surplus})
    return [_closer(answer.consumer, span, asked_at=answer.asked_at) for span in answer.spans]


def _closer(consumer: str, span: Span, *, asked_at: datetime) -> Question:
    if span.count <= IDS_AT_MOST or span.until - span.since <= SMALLEST:
        return _with_ids(consumer, span, asked_at=asked_at)
    part = (span.until - span.since) / PARTS
    edges = [*(span.since + part * n for n in range(PARTS)), span.until]
    return _question(consumer, edges, asked_at=asked_at, is_first=False)


def _first_published() -> datetime:
    [(first,)] = rows("SELECT message_id FROM published_message ORDER BY message_id LIMIT 1") or [(None,)]
    return made_at(first) if first else datetime.max.replace(tzinfo=UTC)


def _question(consumer: str, edges: Sequence[datetime], *, asked_at: datetime, is_first: bool = True) -> Question:
    waiting, until = _waiting(consumer, edges[0], edges[-1])
    kept = [edge for edge in edges if edge < until]
    spans = [Span(since, end) for since, end in pairwise([*kept, until])]
    found = _counted(_PUBLISHED, consumer, spans, waiting)
    stated = [Span(span.since, span.until, count, xor) for span, (count, xor) in zip(spans, found, strict=True)]
    return Question(settings.SERVICE, asked_at, stated, waiting, is_first)


def _with_ids(consumer: str, span: Span, *, asked_at: datetime) -> Question:
    waiting, until = _waiting(consumer, span.since, span.until)
    bounds = {"since": first_id_of(span.since), "until": first_id_of(until), "whom": consumer}
    ids = [message_id for (message_id,) in rows(_IDS, {**bounds, "waiting": array(waiting)})]
    stated = Span(span.since, until, len(ids), 0, ids)
    return Question(settings.SERVICE, asked_at, [stated], waiting, is_first=False)


def _waiting(consumer: str, since: datetime, until: datetime) -> tuple[list[UUID], datetime]:
    """Return the ids that no comparison may count, and until when these are all of them: with very many, sooner."""
    bounds = {"whom": consumer, "since": first_id_of(since), "until": first_id_of(until)}
    found = [message_id for (message_id,) in rows(_WAITING, {**bounds, "limit": IDS_AT_MOST + 1})]
    if len(found) <= IDS_AT_MOST:
        return found, until
    return found, made_at(found.pop())


def _counted(sql: str, whom: str, spans: Sequence[Span], waiting: Sequence[UUID]) -> list[tuple[int, int]]:
    parameters = {
        "whom": whom,
        "since": array([first_id_of(span.since) for span in spans]),
        "until": array([first_id_of(span.until) for span in spans]),
        "waiting": array(waiting),
    }
    return [(count, xor) for count, xor in rows(sql, parameters)]


def _lacking(ids: Sequence[UUID]) -> list[UUID]:
    return [message_id for (message_id,) in rows(_LACKING, {"ids": array(ids)})]


def _send_again(consumer: str, ids: Sequence[UUID], *, at: datetime) -> int:
    return execute(_SEND_AGAIN, {"whom": consumer, "ids": array(ids), "at": at}) if ids else 0


# The last 64 bits of an id are random: their exclusive or is as good a hash of a set as any, on every server alike.
_COUNT = """
SELECT count(one.message_id),
       coalesce(bit_xor(('x' || right(replace(one.message_id::text, '-', ''), 16))::bit(64)::bigint), 0)
FROM unnest(%(since)s::uuid[], %(until)s::uuid[]) WITH ORDINALITY AS span (since, until, place)
LEFT JOIN LATERAL (
    SELECT message_id FROM {table} WHERE message_id >= span.since AND message_id < span.until AND {of}
    AND message_id <> ALL (%(waiting)s::uuid[])) AS one ON true
GROUP BY place ORDER BY place
"""
_OF_CONSUMER = "destinations @> to_jsonb(%(whom)s::text)"
_PUBLISHED = _COUNT.format(table="published_message", of=_OF_CONSUMER)
_RECEIVED = _COUNT.format(table="inbox", of="producer = %(whom)s")
_IDS = f"""
SELECT message_id FROM published_message WHERE message_id >= %(since)s AND message_id < %(until)s AND {_OF_CONSUMER}
AND message_id <> ALL (%(waiting)s::uuid[])
"""
_WAITING = """
SELECT message_id FROM outbox
WHERE destination = %(whom)s AND message_id >= %(since)s AND message_id < %(until)s
UNION SELECT message_id FROM skipped_message
WHERE destination = %(whom)s AND message_id >= %(since)s AND message_id < %(until)s
ORDER BY message_id LIMIT %(limit)s
"""
_LACKING = """
SELECT id FROM unnest(%(ids)s::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM inbox WHERE message_id = id)
"""
_SEND_AGAIN = f"""
INSERT INTO outbox (message_id, destination, next_attempt_at, is_bulk)
SELECT message_id, %(whom)s, %(at)s, true FROM published_message AS published
WHERE message_id = ANY (%(ids)s::uuid[]) AND {_OF_CONSUMER}
AND NOT EXISTS (SELECT FROM skipped_message AS skipped
                WHERE skipped.message_id = published.message_id AND destination = %(whom)s)
ORDER BY message_id ON CONFLICT DO NOTHING
"""
_NOTE_FIRST = """
INSERT INTO message_peer (name, resent, compared_at, agreed_at, compared, missing, surplus)
VALUES (%(consumer)s, 0, %(at)s, CASE WHEN %(agreed)s THEN %(at)s::timestamptz END, %(compared)s, %(missing)s,
        %(surplus)s)
ON CONFLICT (name) DO UPDATE SET compared_at = excluded.compared_at, compared = excluded.compared,
    agreed_at = coalesce(excluded.agreed_at, message_peer.agreed_at),
    surplus = CASE WHEN %(agreed)s THEN 0 ELSE message_peer.surplus END
"""
_NOTE_CLOSER = """
UPDATE message_peer SET missing = missing + %(missing)s, surplus = greatest(surplus, %(surplus)s)
WHERE name = %(consumer)s
"""
