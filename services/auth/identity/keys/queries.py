"""Reads of the module keys."""

from datetime import datetime
from typing import Any

from identity.keys import rules
from identity.keys.models import SigningKey
from shared import clock
from shared.tokens.keys import Keys, public_keys


def lives() -> list[rules.KeyLife]:
    """Return the instants of every key that was not removed."""
    found = SigningKey.objects.values_list("kid", "signs_from", "retires_at")
    return [rules.KeyLife(*values) for values in found]


def jwks(*, at: datetime) -> list[dict[str, Any]]:
    """Return the public keys that tokens may be signed with, oldest first."""
    published = [life.kid for life in lives() if rules.is_published(life, at=at)]
    keys = SigningKey.objects.filter(kid__in=published).order_by("created_at", "kid")
    return list(keys.values_list("public_jwk", flat=True))


def verification_keys() -> Keys:
    """Return kid → public key, with None for those that have retired, for this service's own check of tokens
    (JWKS_LOADER)."""
    at = clock.machine_now()
    retired = {life.kid: None for life in lives() if not rules.is_published(life, at=at)}
    return {**retired, **public_keys(jwks(at=at))}
