"""Running a request once, however often it is sent (IETF draft-ietf-httpapi-idempotency-key-header).

The reply commits with the effect: before the commit there is nothing, after it the reply can be
given again for ever. Stored: every success and every refusal by a rule. Not stored: malformed
requests, missing rights, and 5xx, where nothing happened and trying again is what the client wants.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from rest_framework.request import Request

from shared import clock
from shared.db import Prepared, answer_of_commit, rows
from shared.errors import DomainError, IdempotencyInProgress, IdempotencyKeyReused
from shared.http.problems import problem
from shared.http.views import to_json
from shared.idempotency.keys import Claim, claim_of
from shared.postgres import optimistic
from shared.postgres.optimistic import OptimisticConflict
from shared.postgres.render import has_placeholders

JSON = "application/json"
# As idempotency_claim.sql says that a concurrent duplicate runs, and that the key is known.
_DUPLICATE_RUNS, _IS_KNOWN = "IK001", "IK002"
_CLAIM = Prepared("idempotency_claim", "SELECT idempotency_claim(%(lock)s::bigint, %(principal)s::uuid, %(key)s::text)")
_FIND = """
SELECT fingerprint, status, content_type, body, resource_id, locked_until FROM idempotency_record
WHERE principal_id = %(principal)s::uuid AND key = %(key)s::text"""
_INSERT = (
    "INSERT INTO idempotency_record (principal_id, key, fingerprint, status, content_type, body, created_at)"
    " VALUES (%(principal)s, %(key)s, %(fingerprint)s, %(status)s, %(content_type)s, %(body)s, %(at)s)"
)
_STORE = Prepared("idempotency_store", _INSERT)
_STORE_RENDERED = Prepared(
    "idempotency_store_rendered",
    _INSERT.replace("%(body)s", "convert_to(rendered(%(body)s::text), 'UTF8')") + " RETURNING body",
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


class KeyIsKnown(Exception):
    """A request with this key has come before."""

    def __init__(self, stored: Stored) -> None:
        super().__init__()
        self.stored = stored


def once(request: Request, run: Callable[[], Reply]) -> HttpResponse:
    """Run an operation whose whole effect is in the database, at most once for the request's key.

    `run` joins the transaction that also stores the reply. A refusal by a rule is stored as well: a
    key that was refused stays refused. The first run is an optimistic attempt: what it answers may have placeholders,
    and where the commit finds a conflict nothing is kept and `run` runs once more, without one.

    :raises IdempotencyInProgress: a concurrent duplicate of this request is running.
    :raises IdempotencyKeyReused: the key belongs to another request.
    """
    claim = claim_of(request)
    try:
        with optimistic.attempt():
            return _once(claim, run)
    except OptimisticConflict:
        optimistic.count_conflict()
        return _once(claim, run)


def _once(claim: Claim, run: Callable[[], Reply]) -> HttpResponse:
    try:
        with claimed(claim):
            reply = run()
            response = HttpResponse(to_json(reply.value), status=reply.status, content_type=JSON)
            is_rendered = store(claim, response)
        if is_rendered:
            response.content = _kept(claim)
        return response
    except KeyIsKnown as known:
        return replay(claim, known.stored)
    except DomainError as refusal:
        if is_decision(refusal):
            return store_refusal(claim, refusal)
        if stored := find(claim):
            return replay(claim, stored)
        raise


@contextmanager
def claimed(claim: Claim) -> Iterator[None]:
    """Open a request's transaction, which has its key for itself.

    The key is asked for in front of the transaction's first statement, so whatever runs inside may find out only there,
    or at the commit, that it is not to run. The lock is tried, never waited for: a duplicate that waits would occupy a
    worker.

    :raises KeyIsKnown: the request has come before; nothing that was done inside is kept.
    :raises IdempotencyInProgress: a concurrent duplicate has the key.
    """
    try:
        with transaction.atomic():
            _CLAIM.later({"lock": claim.lock, "principal": claim.principal_id, "key": claim.key})
            yield
    except DatabaseError as error:
        code = getattr(error.__cause__, "pgcode", None)
        if code == _DUPLICATE_RUNS:
            raise IdempotencyInProgress() from error
        # A concurrent duplicate may have committed between our look and our write. Any other broken constraint is a
        # defect.
        is_known = code == _IS_KNOWN or isinstance(error, IntegrityError)
        if is_known and (stored := find(claim)):
            raise KeyIsKnown(stored) from error
        raise


def store_refusal(claim: Claim, refusal: DomainError) -> HttpResponse:
    """Keep a refusal by a rule, after the operation's transaction is gone with all it wrote."""
    response = problem(refusal)
    try:
        with claimed(claim):
            store(claim, response)
    except KeyIsKnown as known:
        return replay(claim, known.stored)
    return response


def is_decision(refusal: DomainError) -> bool:
    """Tell whether a refusal was decided from data, and so stays the answer to its key."""
    if isinstance(refusal, IdempotencyKeyReused):
        return False
    return not refusal.retryable and refusal.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)


def find(claim: Claim) -> Stored | None:
    """Return what is known of an earlier request with this key."""
    found = rows(_FIND, {"principal": claim.principal_id, "key": claim.key})
    if not found:
        return None
    fingerprint, status, content_type, body, resource_id, locked_until = found[0]
    content = None if body is None else bytes(body)
    return Stored(bytes(fingerprint), status, content_type, content, resource_id, locked_until)


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


def _kept(claim: Claim) -> bytes:
    """Return the reply that was stored just now, rendered."""
    if answer := answer_of_commit():
        return bytes(answer[0])
    stored = find(claim)
    assert stored
    assert stored.body
    return stored.body


def store(claim: Claim, response: HttpResponse) -> bool:
    """Keep the reply in the transaction of its effect; tell whether the server renders it."""
    kept = {
        "principal": claim.principal_id,
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "status": response.status_code,
        "content_type": response["Content-Type"],
        "at": clock.machine_now(),
    }
    if is_rendered := has_placeholders(body := response.content.decode()):
        _STORE_RENDERED.later({**kept, "body": body}, is_returning=True)
    else:
        _STORE.later({**kept, "body": response.content})
    return is_rendered
