"""Checking an access token (RFC 7519, RFC 8725): RS256 and nothing else, our issuer, our audience, a known key."""

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import jwt
from django.conf import settings

from shared.callers import Caller
from shared.errors import InvalidToken, KeysUnavailable
from shared.lifetimes import ACCESS_LIFETIME
from shared.tokens.keys import RING
from shared.tokens.revocations import NOTES

_REQUIRED = ["iss", "aud", "sub", "exp", "iat", "jti", "scope", "token_use"]
_LARGEST_TOKEN = 4096
ACCESS = "access"
# Checked tokens: the signature of one is worth checking once. Bounded; the oldest go.
_CHECKED: "OrderedDict[str, _Checked]" = OrderedDict()
_CHECKED_AT_MOST = 10_000


class _Checked(NamedTuple):
    """What a token said whose signature was right: the key that made it, and its claims."""

    kid: str
    expires: int
    issued: int
    caller: Caller


def verify(token: str, *, at: datetime) -> Caller:
    """Return the caller an access token stands for.

    :raises InvalidToken: malformed, another algorithm than RS256, unknown key, wrong issuer or
        audience, expired, revoked, or not an access token; the answer does not tell which.
    :raises KeysUnavailable: no key was ever known, so nothing can be said about the token.
    """
    checked = _CHECKED.get(token) or _check(token)
    # The key is asked for each time: one that leaked takes all its tokens along, those checked before as well.
    if RING.find(checked.kid) is None or at.timestamp() >= checked.expires + settings.JWT_LEEWAY_SECONDS:
        _CHECKED.pop(token, None)
        raise InvalidToken()
    not_before = NOTES.not_before(checked.caller.id)
    # `iat` has whole seconds: a token of the second of the revocation counts as older.
    if not_before is not None and checked.issued <= int(not_before.timestamp()):
        raise InvalidToken()
    return checked.caller


def _check(token: str) -> _Checked:
    kid, claims = _claims(token)
    try:
        checked = _Checked(kid, *_instants(claims), _caller(claims))
    except (ValueError, TypeError, AttributeError):
        raise InvalidToken() from None
    _CHECKED[token] = checked
    if len(_CHECKED) > _CHECKED_AT_MOST:
        _CHECKED.popitem(last=False)
    return checked


def _instants(claims: dict[str, Any]) -> tuple[int, int]:
    """Return expiry and issue, in seconds; auth gives no token a longer life, so who claims one forged it."""
    expires, issued = claims["exp"], claims["iat"]
    if type(expires) is not int or type(issued) is not int:
        raise InvalidToken()
    if not 0 < expires - issued <= ACCESS_LIFETIME.total_seconds():
        raise InvalidToken()
    return expires, issued


def _claims(token: str) -> tuple[str, dict[str, Any]]:
    if len(token) > _LARGEST_TOKEN:
        raise InvalidToken()
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            raise InvalidToken()
        key = RING.find(kid)
        if key is None:
            raise KeysUnavailable() if RING.is_empty else InvalidToken()
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            # The list is ours, never the token's: this is what defeats `none` and HS256 with the public key.
            algorithms=["RS256"],
            audience=settings.JWT_AUDIENCE,
            issuer=settings.JWT_ISSUER,
            leeway=settings.JWT_LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
    except (jwt.PyJWTError, ValueError, OverflowError, TypeError, RecursionError):
        raise InvalidToken() from None
    if claims["token_use"] != ACCESS:
        raise InvalidToken()
    return kid, claims


def _caller(claims: dict[str, Any]) -> Caller:
    merchant_id = claims.get("merchant_id")
    return Caller(
        id=UUID(claims["sub"]),
        scopes=frozenset(claims["scope"].split()),
        roles=tuple(claims.get("roles", ())),
        merchant_id=UUID(merchant_id) if merchant_id else None,
    )


def reset_checked() -> None:
    """Drop every checked token, for tests that change the keys."""
    _CHECKED.clear()


def utc(timestamp: float) -> datetime:
    """Return the instant of a claim such as `exp`."""
    return datetime.fromtimestamp(timestamp, UTC)
