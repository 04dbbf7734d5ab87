"""Running a request once, however often it is sent (IETF draft-ietf-httpapi-idempotency-key-header).

The reply commits with the effect: before the commit there is nothing, after it the reply can be
given again for ever. Stored: every success and every refusal by a rule. Not stored: malformed
requests, missing rights, and 5xx, where nothing happened and trying again is what the client wants.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from rest_framework.request import Request

from shared import clock
from shared.db import Prepared, rows
from shared.errors import DomainError, IdempotencyInProgress, IdempotencyKeyReused
from shared.http.problems import problem
from shared.http.views import to_json
from shared.idempotency.keys import Claim, claim_of

JSON = "application/json"
_RECORD = """
SELECT fingerprint, status, content_type, body, resource_id, locked_until FROM idempotency_record
WHERE principal_id = %(principal)s::uuid AND key = %(key)s::text"""
# The second statement sees what a twin committed just before it let go of the lock, which the first one would not.
_LOCK_AND_FIND = Prepared(
    "idempotency_find",
    "SELECT set_config('idempotency.locked', pg_try_advisory_xact_lock(%(lock)s::bigint)::text, true)",
    f"SELECT current_setting('idempotency.locked'), known.* FROM (VALUES (1)) AS one"
    f" LEFT JOIN ({_RECORD}) known ON true",
)
_STORE = Prepared(
    "idempotency_store",
    "INSERT INTO idempotency_record (principal_id, key, fingerprint, status, content_type, body, created_at)"
    " VALUES (%(principal)s, %(key)s, %(fingerprint)s, %(status)s, %(content_type)s, %(body)s, %(at)s)",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operation answers: a status and a JSON value."""

    status: int
    value: Any


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of an earlier request with the same key."""

    fingerprint: bytes
    status: int | None
    content_type: str
    body: bytes | None
    resource_id: UUID | None
    locked_until: datetime | None


def once(request: Request, run: Callable[[], Reply]) -> HttpResponse:
    """Run an operation whose whole effect is in the database, at most once for the request's key.

    `run` joins the transaction that also stores the reply. A refusal by a rule is stored as well: a
    key that was refused stays refused.

    :raises IdempotencyInProgress: a twin of this request is running.
    :raises IdempotencyKeyReused: the key belongs to another request.
    """
    claim = claim_of(request)
    try:
        return _run_and_store(claim, run)
    except IntegrityError:
        # A twin committed between our look and our write. Any other broken constraint is a defect.
        if (stored := find(claim)) is None:
            raise
        return replay(claim, stored)


def _run_and_store(claim: Claim, run: Callable[[], Reply]) -> HttpResponse:
    try:
        with transaction.atomic():
            if stored := lock_and_find(claim):
                return replay(claim, stored)
            reply = run()
            response = HttpResponse(to_json(reply.value), status=reply.status, content_type=JSON)
            store(claim, response)
        return response
    except DomainError as refusal:
        if not is_decision(refusal):
            raise
        return store_refusal(claim, refusal)


def store_refusal(claim: Claim, refusal: DomainError) -> HttpResponse:
    """Keep a refusal by a rule, after the operation's transaction is gone with all it wrote."""
    response = problem(refusal)
    with transaction.atomic():
        if stored := lock_and_find(claim):
            return replay(claim, stored)
        store(claim, response)
    return response


def is_decision(refusal: DomainError) -> bool:
    """Tell whether a refusal was decided from data, and so stays the answer to its key."""
    if isinstance(refusal, IdempotencyKeyReused):
        return False
    return not refusal.retryable and refusal.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)


def lock_and_find(claim: Claim) -> Stored | None:
    """Take the key for this transaction and return what is known of it.

    The lock is tried, never waited for: a waiting twin would occupy a web worker.

    :raises IdempotencyInProgress: a twin holds it.
    """
    ((locked, *found),) = _LOCK_AND_FIND.rows(
        {"lock": claim.lock, "principal": claim.principal_id, "key": claim.key},
    )
    if locked != "true":
        raise IdempotencyInProgress()
    return _stored(found)


def find(claim: Claim) -> Stored | None:
    """Return what is known of an earlier request with this key."""
    found = rows(_RECORD, {"principal": claim.principal_id, "key": claim.key})
    return _stored(found[0]) if found else None


def _stored(found: Sequence[Any]) -> Stored | None:
    fingerprint, status, content_type, body, resource_id, locked_until = found
    if fingerprint is None:
        return None
    return Stored(
        bytes(fingerprint), status, content_type, None if body is None else bytes(body), resource_id, locked_until
    )


def replay(claim: Claim, stored: Stored) -> HttpResponse:
    """Give the stored reply again, byte for byte, with `Idempotent-Replayed: true`.

    :raises IdempotencyKeyReused: the key belongs to another request.
    :raises IdempotencyInProgress: there is no reply yet.
    """
    if stored.fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused()
    if stored.status is None or stored.body is None:
        raise IdempotencyInProgress()
    response = HttpResponse(stored.body, status=stored.status, content_type=stored.content_type)
    response["Idempotent-Replayed"] = "true"
    return response


def store(claim: Claim, response: HttpResponse) -> None:
    """Keep the reply in the transaction of its effect."""
    _STORE.later(
        {
            "principal": claim.principal_id,
            "key": claim.key,
            "fingerprint": claim.fingerprint,
            "status": response.status_code,
            "content_type": response["Content-Type"],
            "body": response.content,
            "at": clock.now(),
        }
    )
