"""The key a client sends and the fingerprint of what it sent with it."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from rest_framework.request import Request

from shared.callers import Caller
from shared.errors import IdempotencyKeyInvalid, IdempotencyKeyRequired

_PRINTABLE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """One request of one caller."""

    principal_id: UUID
    key: str
    fingerprint: bytes

    @property
    def lock(self) -> int:
        """Return the number of the advisory lock that concurrent duplicates of this request compete for."""
        digest = hashlib.blake2b(f"{self.principal_id}/{self.key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, signed=True)


def claim_of(request: Request) -> Claim:
    """Return what a request claims: its caller, key and fingerprint (method, path, query, canonical body).

    :raises IdempotencyKeyRequired: no key.
    :raises IdempotencyKeyInvalid: not 1–255 printable ASCII characters.
    """
    caller = request.user
    assert isinstance(caller, Caller)
    return Claim(caller.id, key_of(request), _fingerprint(request))


def key_of(request: Request) -> str:
    """Return a request's key; a bare key and the same key in quotes (RFC 8941 string) are one.

    :raises IdempotencyKeyRequired: no key.
    :raises IdempotencyKeyInvalid: not 1–255 printable ASCII characters.
    """
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if len(key) > 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key:
        raise IdempotencyKeyRequired()
    if not _PRINTABLE.fullmatch(key):
        raise IdempotencyKeyInvalid()
    return key


def _fingerprint(request: Request) -> bytes:
    query = sorted((name, values) for name, values in request.query_params.lists())
    said = [request.method, request.path, query, request.data]
    # Keyed, because a body may hold a card number, and a plain hash of so few digits can be guessed.
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(str(settings.SECRET_KEY).encode(), text, hashlib.sha256)
