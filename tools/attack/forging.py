"""Tokens as an attacker makes them: from a good one, from the published key, and with a private key that leaked."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tools.target import Target

# One closed path of each service.
CLOSED = ("auth/me", "programmes", "wallets", "reports/freshness")
TEN_YEARS = 10 * 365 * 86_400
# What leaks: the private key that signs now, in clear.
_LEAK = """
from identity.keys import crypto
from identity.keys.models import SigningKey
from identity.keys.operations import ensure_signing_key
from shared import clock
kid = ensure_signing_key(at=clock.now()).kid
print("leaked:" + kid + ":" + crypto.decrypt(bytes(SigningKey.objects.get(pk=kid).private_encrypted)))
"""


@dataclass(frozen=True)
class Leaked:
    """A private signing key in the wrong hands."""

    kid: str
    pem: str

    @classmethod
    def of(cls, target: Target) -> "Leaked":
        """Take it from auth, behind its back."""
        printed = target.ask("auth", "shell", "--verbosity", "0", "-c", _LEAK).partition("leaked:")[2]
        kid, _, pem = printed.partition(":")
        return cls(kid, pem)

    def sign(self, claims: dict[str, Any], **head: str) -> str:
        """Sign whatever is claimed."""
        return jwt.encode(claims, self.pem, algorithm="RS256", headers={"kid": self.kid, **head})

    def public_pem(self) -> bytes:
        """Return the public half, which everybody may read."""
        return (
            load_pem_private_key(self.pem.encode(), None)
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says, unchecked."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def forgeries(good: str, leaked: Leaked, *, victim: str) -> dict[str, str]:
    """Return forged tokens by what is wrong with each; some are signed with the system's own key."""
    head, body, signature = good.split(".")
    claims, now = claims_of(good), int(time.time())
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    mine = {"sub": victim, "scope": "points:earn users:manage"}
    return {
        "claims changed": f"{head}.{_part({**claims, **mine})}.{signature}",
        "no signature": f"{head}.{body}.",
        "alg none": f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': leaked.kid})}.{_part({**claims, **mine})}.",
        "HS256 with the public key": _hs256({**claims, **mine}, leaked),
        "a stranger's key": jwt.encode({**claims, **mine}, stranger, "RS256", headers={"kid": leaked.kid}),
        "unknown kid": jwt.encode({**claims, **mine}, stranger, "RS256", headers={"kid": "mine"}),
        "foreign issuer": leaked.sign({**claims, "iss": "https://elsewhere.example"}),
        "foreign audience": leaked.sign({**claims, "aud": "elsewhere"}),
        "expired": leaked.sign({**claims, "iat": now - 1_200, "exp": now - 900}),
        "exp of 10^400": leaked.sign({**claims, "exp": 10**400}),
        "exp ten years off": leaked.sign({**claims, "exp": now + TEN_YEARS}),
        "exp as a text": leaked.sign({**claims, "exp": str(now + 300)}),
        "no exp": leaked.sign({name: value for name, value in claims.items() if name != "exp"}),
        "another use": leaked.sign({**claims, "token_use": "refresh"}),
        "five thousand letters": "a" * 5_000,
    }


def _hs256(claims: dict[str, Any], leaked: Leaked) -> str:
    """Sign with the public key as if it were a secret; PyJWT refuses to, so it is made by hand."""
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': leaked.kid})}.{_part(claims)}"
    return f"{signed}.{_text(hmac.digest(leaked.public_pem(), signed.encode(), hashlib.sha256))}"


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
