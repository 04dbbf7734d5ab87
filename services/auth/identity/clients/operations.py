"""What can happen to a service client: made, given another secret, given a token, deactivated.

`at` is the machine's time.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from django.db import transaction

from identity.clients import rules
from identity.clients.errors import ClientInactive, InvalidClient
from identity.clients.models import ClientSecret, ServiceClient
from identity.clients.queries import client_by_id
from identity.keys.access_tokens import Subject, sign
from identity.messages import outgoing
from identity.users.audit import Origin, note
from identity.users.merchants import check_merchant
from shared.errors import NotFound
from shared.ids import new_id
from shared.lifetimes import ACCESS_LIFETIME
from shared.messaging.outbox import publish


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that was just made, in the one moment in which it is known."""

    client: ServiceClient
    secret_id: UUID
    secret: str


@dataclass(frozen=True, slots=True)
class ClientToken:
    """An access token of a client."""

    access: str
    scopes: frozenset[str]
    expires_in: int = int(ACCESS_LIFETIME.total_seconds())


def create_client(
    *, name: str, scopes: Iterable[str] | None, merchant_id: UUID | None, origin: Origin, at: datetime
) -> Made:
    """Make a client with its first secret.

    :raises ScopeNotAllowed: a scope is unknown, not for programs, or not a merchant's.
    :raises MerchantUnknown: there is no such merchant, or the word of it is still under way.
    """
    assert origin.actor_id
    granted = sorted(rules.scopes_for(scopes, merchant_id=merchant_id))
    if merchant_id:
        check_merchant(merchant_id)
    with transaction.atomic():
        client = ServiceClient.objects.create(
            name=name, scopes=granted, merchant_id=merchant_id, created_at=at, created_by=origin.actor_id
        )
        note("client.created", origin=origin, at=at, subject_id=client.id, scopes=granted)
        return _add_secret(client, at)


def add_secret(*, client_id: UUID, origin: Origin, at: datetime) -> Made:
    """Give a client its next secret; the present one stays good until it is removed.

    :raises NotFound: there is no such client.
    :raises ClientInactive: it is deactivated.
    :raises TooManySecrets: it has two.
    """
    with transaction.atomic():
        client = _lock(client_id)
        if not client.is_active:
            raise ClientInactive()
        rules.check_room_for_secret(client.secret_rows.count())
        note("client.secret_added", origin=origin, at=at, subject_id=client.id)
        return _add_secret(client, at)


def remove_secret(*, client_id: UUID, secret_id: UUID, origin: Origin, at: datetime) -> None:
    """Remove a secret; tokens that were got by it live on for their last minutes.

    :raises NotFound: there is no such client or secret.
    """
    with transaction.atomic():
        client = _lock(client_id)
        if not client.secret_rows.filter(pk=secret_id).delete()[0]:
            raise NotFound()
        note("client.secret_removed", origin=origin, at=at, subject_id=client.id, secret_id=str(secret_id))


def deactivate(*, client_id: UUID, origin: Origin, at: datetime) -> ServiceClient:
    """Shut a client out for good: its secrets go and its tokens are refused. Again changes nothing.

    :raises NotFound: there is no such client.
    """
    with transaction.atomic():
        client = _lock(client_id)
        if client.is_active:
            client.is_active = False
            client.save(update_fields=["is_active"])
            client.secret_rows.all().delete()
            not_before = max(at, client.tokens_issued_at or at)
            publish([outgoing.sessions_revoked(client.id, not_before=not_before)])
            note("client.deactivated", origin=origin, at=at, subject_id=client.id)
    return client_by_id(client_id)


def issue_token(*, client_id: UUID, secret: str, scope: str, origin: Origin, at: datetime) -> ClientToken:
    """Give a client an access token for its id and secret.

    :raises InvalidClient: unknown client, wrong secret, or a deactivated client.
    :raises ScopeNotAllowed: a scope is asked for that the client has not.
    """
    with transaction.atomic():
        issued = _issue_token(client_id, secret, scope, at)
    if issued is None:
        note("client.token_refused", origin=origin, at=at, subject_id=client_id)
        raise InvalidClient(error="invalid_client")
    return issued


def _issue_token(client_id: UUID, secret: str, scope: str, at: datetime) -> ClientToken | None:
    client = ServiceClient.objects.select_for_update(no_key=True).filter(pk=client_id, is_active=True).first()
    digest = hashlib.sha256(secret.encode()).digest()
    rows = list(client.secret_rows.all()) if client else []
    used = [row for row in rows if compare_digest(bytes(row.digest), digest)]
    if client is None or not used:
        return None
    scopes = rules.scopes_to_grant(scope, held=client.scopes)
    issued_at = at.replace(microsecond=0)
    ClientSecret.objects.filter(pk=used[0].pk).update(last_used_at=at)
    client.tokens_issued_at = max(issued_at, client.tokens_issued_at or issued_at)
    client.save(update_fields=["tokens_issued_at"])
    subject = Subject(client.id, scopes, ("service",), client.merchant_id)
    return ClientToken(sign(subject, token_id=new_id(), issued_at=issued_at), scopes)


def _lock(client_id: UUID) -> ServiceClient:
    found = ServiceClient.objects.select_for_update(no_key=True).filter(pk=client_id).first()
    if found is None:
        raise NotFound()
    return found


def _add_secret(client: ServiceClient, at: datetime) -> Made:
    secret = secrets.token_urlsafe(32)
    row = ClientSecret.objects.create(client=client, digest=hashlib.sha256(secret.encode()).digest(), created_at=at)
    return Made(client, row.id, secret)
