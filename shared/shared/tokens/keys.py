"""Auth's public keys: fetched in the background, kept in our own database, read from memory."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
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
# A token of a key that is not known makes each process look for it, and ask auth, at once: so often in a second. Tokens
# can name any key, and where auth does not answer, a request waits so long for it and the next ones for a while do not.
LOOKS_PER_SECOND = 2
ANSWER_SECONDS, AFTER_FAILURE_SECONDS = 1.0, 5.0
# So soon every process knows what its database knows, a retired key above all.
_MEMORY_SECONDS = 1.0
_FAILURES = (requests.RequestException, ValueError, KeyError, DatabaseError)
# None is a key that was retired: known not to be good.
Keys = Mapping[str, Any]


def public_keys(jwks: list[dict[str, Any]]) -> Keys:
    """Return kid → public key of the RS256 keys in a JWKS; keys of any other kind are left out."""
    return {jwk["kid"]: jwt.PyJWK(jwk, "RS256").key for jwk in jwks if jwk.get("kty") == "RSA" and "kid" in jwk}


def stored_keys() -> Keys:
    """Return the keys this service has stored, with None for those that were retired."""
    stored = list(PublishedKey.objects.values_list("kid", "jwk", "retired_at"))
    good = public_keys([jwk for _, jwk, retired_at in stored if retired_at is None])
    return {**good, **{kid: None for kid, _, retired_at in stored if retired_at}}


def fetch_keys(*, timeout: float = 3.0) -> int:
    """Fetch auth's JWKS and store it, deleting keys that are no longer published; return how many there are.

    Of two that fetch at once, the one that began first deletes nothing that the other has just learned.

    :raises requests.RequestException: auth did not answer well; what is stored stays.
    """
    begun = clock.machine_now()
    answer = requests.get(settings.JWKS_URL, timeout=timeout)
    answer.raise_for_status()
    jwks = sorted(answer.json()["keys"], key=itemgetter("kid"))
    found = [PublishedKey(kid=jwk["kid"], jwk=jwk, fetched_at=begun) for jwk in jwks]
    PublishedKey.objects.bulk_create(
        found, update_conflicts=True, unique_fields=["kid"], update_fields=["jwk", "fetched_at"]
    )
    gone = PublishedKey.objects.filter(retired_at=None, fetched_at__lt=begun)
    gone.exclude(kid__in=[key.kid for key in found]).delete()
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
    RING.invalidate()


class KeyRing:
    """The keys in memory, at most a second old: what was signed by a key that went is good no longer than that.

    A key that is not among them is looked for at once: where they are stored, then at auth. So the first token of a new
    key is good in every process. Whoever makes up key ids makes each process look `LOOKS_PER_SECOND` times a second.
    """

    def __init__(self, load: Callable[[], Keys] | None = None, fetch: Callable[[], bool] | None = None) -> None:
        self._load, self._fetch = load, fetch or fetch_at_once
        self._keys: Keys = {}
        self._loaded_at = self._silent_until = float("-inf")
        self._looked_at: deque[float] = deque([float("-inf")] * LOOKS_PER_SECOND, maxlen=LOOKS_PER_SECOND)
        self._loading = threading.Lock()
        self._was_filled = False

    def find(self, kid: str) -> Any | None:
        """Return the key of this id, or None where there is none or it was retired."""
        if kid not in self._keys or self._is_old():
            # Who comes while another thread loads waits for it, instead of refusing a good token.
            with self._loading:
                was_old = self._is_old()
                if was_old:
                    self._reload()
                if kid not in self._keys and self._may_look():
                    self._look_for(kid, is_fresh=was_old)
        return self._keys.get(kid)

    def load_from(self, load: Callable[[], Keys]) -> None:
        """Take the keys from another place and drop those known."""
        self._load, self._keys, self._was_filled = load, {}, False
        self.invalidate()

    def invalidate(self) -> None:
        """Read the keys anew at the next question, and look for those that are missing."""
        self._loaded_at = self._silent_until = float("-inf")
        self._looked_at.extend([float("-inf")] * LOOKS_PER_SECOND)

    @property
    def is_empty(self) -> bool:
        """Tell whether no key was ever known."""
        return not self._was_filled

    def _is_old(self) -> bool:
        return time.monotonic() - self._loaded_at > _MEMORY_SECONDS

    def _may_look(self) -> bool:
        if time.monotonic() - self._looked_at[0] < 1:
            return False
        self._looked_at.append(time.monotonic())
        return True

    def _look_for(self, kid: str, *, is_fresh: bool) -> None:
        if not is_fresh:
            self._reload()
        if kid in self._keys or time.monotonic() < self._silent_until:
            return
        if self._fetch():
            self._reload()
        else:
            self._silent_until = time.monotonic() + AFTER_FAILURE_SECONDS

    def _reload(self) -> None:
        self._loaded_at = time.monotonic()
        load = self._load or import_string(settings.JWKS_LOADER)
        try:
            self._keys = load()
            self._was_filled = self._was_filled or any(self._keys.values())
        except DatabaseError:
            # Known keys stay good while the database is away; nobody can post anything then either.
            log.warning("signing keys could not be read", exc_info=True)


def fetch_at_once() -> bool:
    """Fetch auth's keys for a request that waits; tell whether there may be new ones. Auth has no need to."""
    if not _fetches():
        return False
    try:
        fetch_keys(timeout=ANSWER_SECONDS)
    except _FAILURES as error:
        log.warning("signing keys could not be fetched for a token of a key that is not known: %s", error)
        return False
    return True


def _fetches() -> bool:
    return bool(settings.JWKS_URL) and settings.SERVICE != "auth"


RING = KeyRing()


def _keep_fresh() -> None:
    while True:
        try:
            fetch_keys()
            pause = REFRESH_SECONDS
        except _FAILURES as error:
            log.warning("signing keys could not be fetched: %s", error)
            pause = RETRY_SECONDS
        connection.close()
        time.sleep(pause)


def start_refreshing() -> None:
    """Start the background thread of a web process; auth, which owns the keys, needs none."""
    if _fetches():
        threading.Thread(target=_keep_fresh, name="signing-keys", daemon=True).start()
