"""The key that signs blocks: Ed25519, made from the service's secret, so that nothing secret is stored."""

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def private_key() -> Ed25519PrivateKey:
    """Return the key that signs now."""
    return _made_from(settings.SECRET_KEY)


@cache
def _made_from(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(hashes.SHA256(), length=32, salt=None, info=b"points: seal of blocks").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_jwk(key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return the public half as it is published (RFC 8037), with its thumbprint (RFC 7638) as `kid`."""
    required = {"crv": "Ed25519", "kty": "OKP", "x": base64url(key.public_key().public_bytes_raw())}
    text = json.dumps(required, sort_keys=True, separators=(",", ":")).encode()
    return {**required, "kid": base64url(hashlib.sha256(text).digest()), "use": "sig", "alg": "EdDSA"}


def is_signed(document: bytes, signature: bytes, jwk: dict[str, Any]) -> bool:
    """Tell whether this key has signed these bytes."""
    try:
        raw = base64.urlsafe_b64decode(jwk["x"] + "=")
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, document)
    except (InvalidSignature, ValueError):
        return False
    return True


def base64url(value: bytes) -> str:
    """Write bytes as JOSE does."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
