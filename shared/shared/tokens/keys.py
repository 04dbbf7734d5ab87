"""Auth's public keys: fetched in the background, kept in our own database, read from memory."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import requests
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils.module_loading import import_string

from shared import clock
from shared.tokens.models import PublishedKey

log = logging.getLogger(__name__)

REFRESH_SECONDS = 30.0
RETRY_SECONDS = 1.0
Keys = Mapping[str, Any]


def public_keys(jwks: list[dict[str, Any]]) -> Keys:
    """Return kid → public key of the RS256 keys in a JWKS; keys of any other kind are left out."""
    return {jwk["kid"]: jwt.PyJWK(jwk, "RS256").key for jwk in jwks if jwk.get("kty") == "RSA" and "kid" in jwk}


def stored_keys() -> Keys:
    """Return the keys this service has stored."""
    return public_keys(list(PublishedKey.objects.values_list("jwk", flat=True)))


def fetch_keys() -> int:
    """Fetch auth's JWKS and store it, forgetting keys that are no longer published; return how many there are.

    :raises requests.RequestException: auth did not answer well; what is stored stays.
    """
    answer = requests.get(settings.JWKS_URL, timeout=3)
    answer.raise_for_status()
    jwks = answer.json()["keys"]
    found = [PublishedKey(kid=jwk["kid"], jwk=jwk, fetched_at=clock.now()) for jwk in jwks]
    PublishedKey.objects.bulk_create(
        found, update_conflicts=True, unique_fields=["kid"], update_fields=["jwk", "fetched_at"]
    )
    PublishedKey.objects.exclude(kid__in=[key.kid for key in found]).delete()
    return len(found)


class KeyRing:
    """The keys in memory; read again from the database when an unknown `kid` comes, at most once a second."""

    def __init__(self, load: Callable[[], Keys] | None = None) -> None:
        self._load = load
        self._keys: Keys = {}
        self._loaded_at = float("-inf")
        self._loading = threading.Lock()

    def find(self, kid: str) -> Any | None:
        """Return the key of this id, or None."""
        is_stale = time.monotonic() - self._loaded_at > REFRESH_SECONDS
        if kid not in self._keys or is_stale:
            # Who comes while another thread loads waits for it, instead of refusing a good token.
            with self._loading:
                self._reload(REFRESH_SECONDS if kid in self._keys else RETRY_SECONDS)
        return self._keys.get(kid)

    def load_from(self, load: Callable[[], Keys]) -> None:
        """Take the keys from another place and forget those known."""
        self._load, self._keys, self._loaded_at = load, {}, float("-inf")

    @property
    def is_empty(self) -> bool:
        """Tell whether no key was ever known."""
        return not self._keys

    def _reload(self, pause: float) -> None:
        if time.monotonic() - self._loaded_at < pause:
            return
        self._loaded_at = time.monotonic()
        load = self._load or import_string(settings.JWKS_LOADER)
        try:
            self._keys = load() or self._keys
        except DatabaseError:
            # Known keys stay good while the database is away.
            log.warning("signing keys could not be read", exc_info=True)


RING = KeyRing()


def _keep_fresh() -> None:
    while True:
        try:
            fetch_keys()
            pause = REFRESH_SECONDS
        except (requests.RequestException, ValueError, KeyError, DatabaseError) as error:
            log.warning("signing keys could not be fetched: %s", error)
            pause = RETRY_SECONDS
        connection.close()
        threading.Event().wait(pause)


def start_refreshing() -> None:
    """Start the background thread of a web process; auth, which owns the keys, needs none."""
    if settings.JWKS_URL and settings.SERVICE != "auth":
        threading.Thread(target=_keep_fresh, name="signing-keys", daemon=True).start()
