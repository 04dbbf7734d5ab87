"""What a service client may be given, and what it may ask for. Pure."""

from collections.abc import Iterable
from uuid import UUID

from identity.clients.errors import ScopeNotAllowed, TooManySecrets
from identity.users.rules import FOR_MERCHANTS_PROGRAMS, KNOWN_SCOPES, ROLE_SCOPES

# People manage people and clients: a leaked secret must not be able to make further ones.
_FOR_PEOPLE = frozenset({"users:manage", "clients:manage"})
SERVICE_SCOPES = KNOWN_SCOPES - _FOR_PEOPLE - FOR_MERCHANTS_PROGRAMS
MERCHANT_SCOPES = ROLE_SCOPES["merchant"]
# The one in use and the next one.
SECRETS_AT_ONCE = 2


def scopes_for(requested: Iterable[str] | None, *, merchant_id: UUID | None) -> frozenset[str]:
    """Return the scopes of a new client; a merchant's gets all that a merchant may do unless it names others.

    :raises ScopeNotAllowed: a scope is unknown, not for programs, or not a merchant's.
    """
    allowed = SERVICE_SCOPES if merchant_id is None else MERCHANT_SCOPES | FOR_MERCHANTS_PROGRAMS
    if requested is None:
        requested = () if merchant_id is None else MERCHANT_SCOPES
    return _within(frozenset(requested), allowed)


def scopes_to_grant(requested: str, *, held: Iterable[str]) -> frozenset[str]:
    """Return the scopes of a token: those asked for, or all of the client's when none is named.

    :raises ScopeNotAllowed: one is asked for that the client has not.
    """
    return _within(frozenset(requested.split()), frozenset(held)) or frozenset(held)


def check_room_for_secret(live: int) -> None:
    """Check that a client may get one more secret.

    :raises TooManySecrets: it has two.
    """
    if live >= SECRETS_AT_ONCE:
        raise TooManySecrets(limit=SECRETS_AT_ONCE)


def _within(requested: frozenset[str], allowed: frozenset[str]) -> frozenset[str]:
    if foreign := requested - allowed:
        raise ScopeNotAllowed(error="invalid_scope", scopes=sorted(scope[:64] for scope in foreign))
    return requested
