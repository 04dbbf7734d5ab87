"""Tokens for tests, signed by a key of the tests' own."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.utils.module_loading import import_string

from shared import clock
from shared.callers import Caller
from shared.ids import new_id
from shared.tokens.keys import Keys

KID = "tests"
_REFRESH = "refresh"


@cache
def private_key() -> rsa.RSAPrivateKey:
    """Return the tests' signing key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def known_keys() -> Keys:
    """Return the service's own keys and the tests' one."""
    return {**import_string(settings.JWKS_LOADER)(), KID: private_key().public_key()}


def claims_of(caller: Caller, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good access token; a change to None leaves that claim out."""
    at = clock.machine_now()
    claims = {
        "iss": settings.JWT_ISSUER,
        "aud": settings.JWT_AUDIENCE,
        "sub": str(caller.id),
        "iat": at,
        "exp": at + timedelta(minutes=10),
        "jti": str(new_id()),
        "scope": " ".join(sorted(caller.scopes)),
        "roles": list(caller.roles),
        "merchant_id": str(caller.merchant_id) if caller.merchant_id else None,
        "token_use": "access",
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def token_of(caller: Caller, **changes: Any) -> str:
    """Return a signed access token."""
    return jwt.encode(claims_of(caller, **changes), private_key(), algorithm="RS256", headers={"kid": KID})


def bad_tokens(caller: Caller) -> dict[str, str]:
    """Return every kind of token that must be refused, by what is wrong with it."""
    public = private_key().public_key()
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims, headers = claims_of(caller), {"kid": KID}
    past, now = clock.machine_now() - timedelta(hours=1), clock.machine_now().timestamp()
    return {
        "malformed": "not.a.token",
        "garbage": "\u00e9" * 40,
        "expired": token_of(caller, exp=past, iat=past - timedelta(minutes=5)),
        "wrong audience": token_of(caller, aud="elsewhere"),
        "wrong issuer": token_of(caller, iss="elsewhere"),
        "without expiry": token_of(caller, exp=None),
        "a life of ten years": token_of(caller, exp=clock.machine_now() + timedelta(days=3650)),
        "a life of a second too much": token_of(caller, iat=int(now), exp=int(now) + 601),
        "an end before its beginning": token_of(caller, iat=int(now), exp=int(now)),
        "an expiry beyond all numbers": token_of(caller, exp=10**400),
        "an issue beyond all numbers": token_of(caller, iat=-(10**400)),
        "an expiry of the wrong kind": token_of(caller, exp=now + 60.5),
        "an expiry in words": token_of(caller, exp="tomorrow"),
        "an expiry that is a list": token_of(caller, exp=[int(now) + 60]),
        "an issue that is true": token_of(caller, iat=True),
        "refresh token": token_of(caller, token_use=_REFRESH),
        "not before the future": token_of(caller, nbf=clock.machine_now() + timedelta(hours=1)),
        "subject is no id": token_of(caller, sub="somebody"),
        "algorithm none": jwt.encode(claims, "", algorithm="none", headers=headers),
        "signed with the public key": _hs256(claims, public),
        "signed by a stranger": jwt.encode(claims, stranger, algorithm="RS256", headers=headers),
        "unknown kid": jwt.encode(claims, private_key(), algorithm="RS256", headers={"kid": "unknown"}),
        "without kid": jwt.encode(claims, private_key(), algorithm="RS256"),
    }


def _hs256(claims: dict[str, Any], public: rsa.RSAPublicKey) -> str:
    """Forge the classic: HMAC with the public key as the secret. PyJWT refuses to, so it is made by hand."""
    import hashlib
    import hmac
    import json
    from base64 import urlsafe_b64encode

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    def part(value: bytes) -> bytes:
        return urlsafe_b64encode(value).rstrip(b"=")

    plain = {name: int(value.timestamp()) if isinstance(value, datetime) else value for name, value in claims.items()}
    header = json.dumps({"alg": "HS256", "typ": "JWT", "kid": KID}).encode()
    signed = part(header) + b"." + part(json.dumps(plain).encode())
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return (signed + b"." + part(hmac.digest(secret, signed, hashlib.sha256))).decode()
