"""Reads of the module sessions."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from identity.sessions.models import RefreshToken, Session


def digest_of(secret: str) -> bytes:
    """Return what is stored instead of a refresh token."""
    return hashlib.sha256(secret.encode()).digest()


def token_by_secret(secret: str) -> RefreshToken | None:
    """Return the refresh token that this is, with its session."""
    return RefreshToken.objects.select_related("session").filter(digest=digest_of(secret)).first()


def open_sessions(user_id: UUID, *, at: datetime) -> QuerySet[Session]:
    """Return a user's sessions that have not ended."""
    return Session.objects.filter(user_id=user_id, ended_at__isnull=True, expires_at__gt=at)


def session_of_token(token_id: UUID | None) -> UUID | None:
    """Return the session in which the access token with this `jti` was issued; None for a client's token."""
    if token_id is None:
        return None
    return RefreshToken.objects.filter(pk=token_id).values_list("session_id", flat=True).first()


def tokens_issued_at(user_id: UUID) -> datetime | None:
    """Return the `iat` of the youngest access token that a user's sessions were given."""
    found: datetime | None = Session.objects.filter(user_id=user_id).aggregate(Max("tokens_issued_at"))[
        "tokens_issued_at__max"
    ]
    return found


def has_signed_in_from(user_id: UUID, address: str | None) -> bool:
    """Tell whether a user has, or lately had, a session that was opened from this network address."""
    return address is not None and Session.objects.filter(user_id=user_id, address=address).exists()
