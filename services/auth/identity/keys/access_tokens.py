"""Access tokens: simplejwt's, with the `kid` that it leaves out and the claims that every service reads."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import Token

from identity.keys import crypto
from identity.keys.models import SigningKey
from identity.keys.operations import ensure_signing_key
from shared import clock
from shared.lifetimes import ACCESS_LIFETIME


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a token stands for, and what that one may do."""

    id: UUID
    scopes: frozenset[str]
    roles: tuple[str, ...] = ()
    merchant_id: UUID | None = None


class KeyBackend(TokenBackend):
    """Signs with one key and names it in the header, so that verifiers know which to take."""

    def __init__(self, kid: str, private_pem: str) -> None:
        super().__init__("RS256", signing_key=private_pem, audience=settings.JWT_AUDIENCE, issuer=settings.JWT_ISSUER)
        self.kid = kid

    def encode(self, payload: dict[str, Any]) -> str:
        """Return the signed token."""
        claims = {**payload, "aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, self.prepared_signing_key, algorithm=self.algorithm, headers={"kid": self.kid})


# Decrypting and loading a key takes longer than signing with it. Two are in use during a rotation.
@lru_cache(maxsize=4)
def _backend(kid: str) -> KeyBackend:
    stored = SigningKey.objects.values_list("private_encrypted", flat=True).get(pk=kid)
    return KeyBackend(kid, crypto.decrypt(bytes(stored)))


class AccessToken(Token):
    """A token that opens the API for ten minutes."""

    token_type = "access"  # noqa: S105 - the kind of the token, no secret
    lifetime = ACCESS_LIFETIME

    def get_token_backend(self) -> TokenBackend:
        """Return the backend of the key that signs now."""
        return _backend(ensure_signing_key(at=clock.machine_now()).kid)


def sign(subject: Subject, *, token_id: UUID, issued_at: datetime) -> str:
    """Return a signed access token.

    :raises KeyUnreadable: the signing key cannot be decrypted.
    """
    token = AccessToken()
    token.set_iat(at_time=issued_at)
    token.set_exp(from_time=issued_at, lifetime=ACCESS_LIFETIME)
    token["jti"] = str(token_id)
    token["sub"] = str(subject.id)
    token["scope"] = " ".join(sorted(subject.scopes))
    token["roles"] = list(subject.roles)
    token["merchant_id"] = str(subject.merchant_id) if subject.merchant_id else None
    return str(token)
