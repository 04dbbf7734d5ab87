"""Auth's public keys: fetched in the background, kept in our own database, read from memory."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import jwt
import requests
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils.module_loading import import_string

from shared import clock
from shared.db import columns, execute
from shared.tokens.models import PublishedKey

log = logging.getLogger(__name__)

REFRESH_SECONDS = 30.0
RETRY_SECONDS = 1.0
# A token of a key that nobody here knows yet makes auth be asked before its time, but no oftener than this.
SOONEST_SECONDS = 5.0
# So soon every process knows what its database knows, a retired key above all.
_MEMORY_SECONDS = 1.0
Keys = Mapping[str, Any]


def public_keys(jwks: list[dict[str, Any]]) -> Keys:
    """Return kid → public key of the RS256 keys in a JWKS; keys of any other kind are left out."""
    return {jwk["kid"]: jwt.PyJWK(jwk, "RS256").key for jwk in jwks if jwk.get("kty") == "RSA" and "kid" in jwk}


def stored_keys() -> Keys:
    """Return the keys this service has stored and that were not retired."""
    return public_keys(list(PublishedKey.objects.filter(retired_at=None).values_list("jwk", flat=True)))


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
    PublishedKey.objects.filter(retired_at=None).exclude(kid__in=[key.kid for key in found]).delete()
    return len(found)


def retire_keys(*, retired: Iterable[tuple[str, datetime]]) -> None:
    """Note that these keys (kid, instant) may have leaked; it holds for one that was never fetched, and for good."""
    execute(
        "INSERT INTO published_key (kid, jwk, fetched_at, retired_at)"
        " SELECT kid, '{}', min(retired_at), min(retired_at)"
        " FROM unnest(%s::text[], %s::timestamptz[]) AS said (kid, retired_at) GROUP BY kid ORDER BY kid"
        " ON CONFLICT (kid) DO UPDATE SET retired_at = coalesce(published_key.retired_at, excluded.retired_at)",
        columns(retired, 2),
    )
    RING.forget()


class KeyRing:
    """The keys in memory, at most a second old: what was signed by a key that went is good no longer than that."""

    def __init__(self, load: Callable[[], Keys] | None = None) -> None:
        self._load = load
        self._keys: Keys = {}
        self._loaded_at = float("-inf")
        self._loading = threading.Lock()
        self._was_filled = False
        self.wanted = threading.Event()

    def find(self, kid: str) -> Any | None:
        """Return the key of this id, or None."""
        if kid not in self._keys or time.monotonic() - self._loaded_at > _MEMORY_SECONDS:
            # Who comes while another thread loads waits for it, instead of refusing a good token.
            with self._loading:
                self._reload()
        if kid not in self._keys:
            self.wanted.set()
        return self._keys.get(kid)

    def load_from(self, load: Callable[[], Keys]) -> None:
        """Take the keys from another place and forget those known."""
        self._load, self._keys, self._was_filled = load, {}, False
        self.forget()

    def forget(self) -> None:
        """Read the keys anew at the next question."""
        self._loaded_at = float("-inf")

    @property
    def is_empty(self) -> bool:
        """Tell whether no key was ever known."""
        return not self._was_filled

    def _reload(self) -> None:
        if time.monotonic() - self._loaded_at <= _MEMORY_SECONDS:
            return
        self._loaded_at = time.monotonic()
        load = self._load or import_string(settings.JWKS_LOADER)
        try:
            self._keys = load()
            self._was_filled = self._was_filled or bool(self._keys)
        except DatabaseError:
            # Known keys stay good while the database is away; nobody can post anything then either.
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
        _wait(pause)


def _wait(pause: float) -> None:
    """Wait until the keys should be fetched again, sooner when a token names one that is not known."""
    soonest = min(pause, SOONEST_SECONDS)
    threading.Event().wait(soonest)
    RING.wanted.wait(pause - soonest)
    RING.wanted.clear()


def start_refreshing() -> None:
    """Start the background thread of a web process; auth, which owns the keys, needs none."""
    if settings.JWKS_URL and settings.SERVICE != "auth":
        threading.Thread(target=_keep_fresh, name="signing-keys", daemon=True).start()
