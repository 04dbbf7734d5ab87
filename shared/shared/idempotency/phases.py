"""Running once a request that also works outside the database: begin, work, finish."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from shared import clock
from shared.db import execute, rows
from shared.errors import DomainError, IdempotencyInProgress, IdempotencyKeyReused
from shared.http.problems import problem
from shared.http.views import to_json
from shared.idempotency.keys import Claim, claim_of
from shared.idempotency.replay import (
    JSON,
    KeyIsKnown,
    Reply,
    Stored,
    claimed,
    find,
    is_decision,
    replay,
    store_refusal,
)


def once_in_phases(request: Request, begin: Callable[[], UUID], finish: Callable[[UUID], Reply]) -> HttpResponse:
    """Begin in one transaction, finish outside of it, and answer every repeat alike.

    `begin` writes the intent and returns its id; the key commits with it. `finish` does the work
    outside and must be able to go on from wherever an earlier try was killed, because a repeat that
    comes after the lease has run out calls it again with the same id.

    :raises IdempotencyInProgress: a concurrent duplicate is at work and its lease runs.
    :raises IdempotencyKeyReused: the key belongs to another request.
    """
    claim = claim_of(request)
    begun = _begin_or_resume(claim, begin)
    if isinstance(begun, HttpResponse):
        return begun
    try:
        reply = finish(begun)
    except DomainError as refusal:
        if refusal.retryable:
            raise
        return _finish(claim, problem(refusal))
    return _finish(claim, HttpResponse(to_json(reply.value), status=reply.status, content_type=JSON))


def _begin_or_resume(claim: Claim, begin: Callable[[], UUID]) -> UUID | HttpResponse:
    try:
        with claimed(claim):
            return _begin(claim, begin)
    except KeyIsKnown as known:
        return _go_on(claim, known.stored)
    except DomainError as refusal:
        if is_decision(refusal):
            return store_refusal(claim, refusal)
        if stored := find(claim):
            return _go_on(claim, stored)
        raise


def _go_on(claim: Claim, stored: Stored) -> UUID | HttpResponse:
    return _resume(claim, stored.fingerprint) if stored.status is None else replay(claim, stored)


def _begin(claim: Claim, begin: Callable[[], UUID]) -> UUID:
    resource_id = begin()
    execute(
        "INSERT INTO idempotency_record"
        " (principal_id, key, fingerprint, resource_id, locked_until, created_at, content_type)"
        " VALUES (%s, %s, %s, %s, %s, %s, '')",
        [claim.principal_id, claim.key, claim.fingerprint, resource_id, _lease_end(), clock.machine_now()],
    )
    return resource_id


def _resume(claim: Claim, fingerprint: bytes) -> UUID:
    if fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused()
    # Compare and set: of several repeats after the lease, one goes on.
    taken = rows(
        "UPDATE idempotency_record SET locked_until = %s WHERE principal_id = %s AND key = %s"
        " AND status IS NULL AND locked_until < %s RETURNING resource_id",
        [_lease_end(), claim.principal_id, claim.key, clock.machine_now()],
    )
    if not taken:
        raise IdempotencyInProgress()
    return UUID(str(taken[0][0]))


def _finish(claim: Claim, response: HttpResponse) -> HttpResponse:
    execute(
        "UPDATE idempotency_record SET status = %s, content_type = %s, body = %s, locked_until = NULL"
        " WHERE principal_id = %s AND key = %s AND status IS NULL",
        [response.status_code, response["Content-Type"], response.content, claim.principal_id, claim.key],
    )
    return response


def _lease_end() -> datetime:
    return clock.machine_now() + timedelta(seconds=settings.IDEMPOTENCY_LEASE_SECONDS)
