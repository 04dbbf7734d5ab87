"""Tokens that no service may take, made as an attacker would: from a good one and the published key."""

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# One closed path of each service.
CLOSED = ("/api/v1/auth/me", "/api/v1/points/balance", "/api/v1/wallets", "/api/v1/reports/freshness")
PEM = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def forgeries(good: str, jwk: dict[str, Any], *, other: str) -> dict[str, str]:
    """Return forged tokens by what is wrong with each; `other` is a member whose token it pretends to be."""
    head, body, signature = good.split(".")
    claims = _read(body)
    kid = _read(head)["kid"]
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.PyJWK(jwk).key
    return {
        "claims changed": f"{head}.{_part({**claims, 'sub': other})}.{signature}",
        "scopes added": f"{head}.{_part({**claims, 'scope': 'points:earn users:manage'})}.{signature}",
        "no signature": f"{head}.{body}.",
        "algorithm none": f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': kid})}.{body}.",
        "HS256 with the public key": _hs256(claims, kid, public.public_bytes(*PEM)),
        "signed by a stranger": jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": kid}),
        "a stranger's key id": jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "mine"}),
        "no token at all": "nonsense",
        "very long": "a" * 5000,
    }


def _hs256(claims: dict[str, Any], kid: str, secret: bytes) -> str:
    """Sign with the public key as if it were a secret; PyJWT refuses to, so it is made by hand."""
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{_part(claims)}"
    return f"{signed}.{_text(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
