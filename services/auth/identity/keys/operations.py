"""Making and replacing signing keys; `at` is the machine's time."""

from datetime import datetime

from django.db import transaction

from identity.keys import crypto, queries, rules
from identity.keys.models import SigningKey
from identity.messages import outgoing
from identity.users.audit import Origin, note
from shared.db import rows
from shared.messaging.outbox import publish

_LOCK = 0x6B657973


def ensure_signing_key(*, at: datetime) -> rules.KeyLife:
    """Return the key that signs now; make the first one when there is none.

    Any number of processes may ask at once on an empty database: one makes it, the others find it.
    """
    found = rules.signing(queries.lives(), at=at)
    if found is not None:
        return found
    with transaction.atomic():
        _lock()
        found = rules.signing(queries.lives(), at=at)
        return found or _make(at=at, signs_from=at)


def rotate(*, at: datetime, at_once: bool = False) -> rules.KeyLife:
    """Add a key that takes over when every service can know it; the older ones go after their last token.

    `at_once` is for a key that has leaked: the new one signs and the older ones are withdrawn now.
    Every service is told and refuses what they signed within a second; refreshing gets new tokens.
    """
    with transaction.atomic():
        _lock()
        is_first = not SigningKey.objects.exists()
        signs_from = rules.first_signature(at=at, is_first=is_first, at_once=at_once)
        older = SigningKey.objects.filter(retires_at__isnull=True)
        if at_once:
            older = SigningKey.objects.exclude(retires_at__lte=at)
            publish([outgoing.signing_key_retired(kid, retired_at=at) for kid in older.values_list("kid", flat=True)])
        older.update(retires_at=rules.retirement(at=at, successor_signs_from=signs_from, at_once=at_once))
        made = _make(at=at, signs_from=signs_from)
        note("key.rotated", origin=Origin(), at=at, kid=made.kid, at_once=at_once)
    return made


def purge(*, at: datetime) -> int:
    """Remove retired keys; return how many. Nothing that they signed is good any more."""
    return SigningKey.objects.filter(retires_at__lte=at).delete()[0]


def _lock() -> None:
    rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _make(*, at: datetime, signs_from: datetime) -> rules.KeyLife:
    private_key = crypto.new_private_key()
    jwk = crypto.public_jwk(private_key)
    SigningKey.objects.create(
        kid=jwk["kid"],
        public_jwk=jwk,
        private_encrypted=crypto.encrypt(private_key),
        created_at=at,
        signs_from=signs_from,
    )
    return rules.KeyLife(jwk["kid"], signs_from, None)
