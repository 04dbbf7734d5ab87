"""Where the keys come from that tokens are checked with, and that they stay while auth is away."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
import requests
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import OperationalError

from shared import clock
from shared.contracts.auth import SigningKeyRetired
from shared.testing.actors import anonymous
from shared.testing.messages import deliver
from shared.testing.tokens import KID, private_key, token_of
from shared.tokens import keys
from shared.tokens.keys import RING, KeyRing, fetch_keys, public_keys, stored_keys
from shared.tokens.models import PublishedKey

pytestmark = pytest.mark.django_db


def jwk(kid: str = KID, key: rsa.RSAPrivateKey | None = None) -> dict[str, str]:
    """One key as auth publishes it."""
    public = (key or private_key()).public_key()
    found: dict[str, str] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public))
    return {**found, "kid": kid, "alg": "RS256", "use": "sig"}


@contextmanager
def auth_publishes(*keys: dict[str, str], status: int = 200) -> Iterator[str]:
    """A stand-in for auth that publishes these keys; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": keys}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
    finally:
        server.shutdown()
        server.server_close()


def read_notes(token: str) -> tuple[int, str]:
    response = anonymous().get("/notes", HTTP_AUTHORIZATION=f"Bearer {token}")
    return response.status_code, response.json().get("code", "")


def test_what_auth_publishes_is_kept_and_opens_the_door(member, settings):
    RING.load_from(stored_keys)
    with auth_publishes(jwk()) as settings.JWKS_URL:
        assert fetch_keys() == 1

    assert read_notes(token_of(member.caller))[0] == 200


def test_tokens_are_checked_while_auth_is_away_also_after_a_restart(member, settings):
    with auth_publishes(jwk()) as settings.JWKS_URL:
        fetch_keys()

    with pytest.raises(requests.RequestException):
        fetch_keys()

    RING.load_from(stored_keys)  # as a process that has just started
    assert read_notes(token_of(member.caller))[0] == 200


def test_an_answer_that_is_an_error_removes_no_key(settings):
    with auth_publishes(jwk()) as settings.JWKS_URL:
        fetch_keys()

    with auth_publishes(status=500) as settings.JWKS_URL, pytest.raises(requests.RequestException):
        fetch_keys()

    assert list(PublishedKey.objects.values_list("kid", flat=True)) == [KID]


def test_a_key_that_is_no_longer_published_is_dropped(settings):
    with auth_publishes(jwk("old"), jwk("new")) as settings.JWKS_URL:
        fetch_keys()
    with auth_publishes(jwk("new")) as settings.JWKS_URL:
        fetch_keys()

    assert list(stored_keys()) == ["new"]


def test_before_the_first_key_nothing_can_be_said_about_a_token(member):
    RING.load_from(stored_keys)

    assert read_notes(token_of(member.caller)) == (503, "auth.keys_unavailable")


def test_only_rsa_keys_are_taken():
    symmetric = {"kty": "oct", "kid": "shared secret", "k": "c2VjcmV0", "alg": "HS256"}

    assert list(public_keys([symmetric, jwk()])) == [KID]


def a_second_later(ring: KeyRing = RING) -> None:
    ring._loaded_at -= keys._MEMORY_SECONDS + 0.1


def test_a_retired_key_takes_along_the_tokens_that_were_checked_before(member, settings):
    RING.load_from(stored_keys)
    with auth_publishes(jwk(), jwk("another")) as settings.JWKS_URL:
        fetch_keys()
    token = token_of(member.caller)
    assert read_notes(token)[0] == 200

    deliver(SigningKeyRetired(kid=KID, retired_at=clock.machine_now()))

    assert read_notes(token) == (401, "auth.invalid_token")
    assert read_notes(token_of(member.caller)) == (401, "auth.invalid_token")


def test_another_process_refuses_them_within_a_second(member, settings, monkeypatch):
    with auth_publishes(jwk()) as settings.JWKS_URL:
        fetch_keys()
    RING.load_from(stored_keys)
    token = token_of(member.caller)
    assert read_notes(token)[0] == 200
    PublishedKey.objects.update(retired_at=clock.machine_now())  # as the worker did, in a process of its own

    a_second_later()

    assert read_notes(token) == (401, "auth.invalid_token")


def test_a_late_answer_of_auth_does_not_bring_a_retired_key_back(member, settings):
    RING.load_from(stored_keys)
    with auth_publishes(jwk()) as settings.JWKS_URL:
        fetch_keys()
        assert read_notes(token_of(member.caller))[0] == 200
        deliver(SigningKeyRetired(kid=KID, retired_at=clock.machine_now()))
        fetch_keys()

    assert read_notes(token_of(member.caller)) == (401, "auth.invalid_token")


def test_a_key_may_be_retired_before_it_was_ever_fetched(settings):
    deliver(SigningKeyRetired(kid=KID, retired_at=clock.machine_now()))
    with auth_publishes(jwk(), jwk("new")) as settings.JWKS_URL:
        fetch_keys()
    with auth_publishes(jwk("new")) as settings.JWKS_URL:
        fetch_keys()

    assert {kid for kid, key in stored_keys().items() if key} == {"new"}
    assert PublishedKey.objects.filter(kid=KID, retired_at__isnull=False).exists()


def test_a_retired_key_stays_retired_since_it_first_was():
    first, later = clock.machine_now(), clock.now() + timedelta(hours=1)

    deliver(*(SigningKeyRetired(kid=KID, retired_at=at) for at in (first, later)))

    assert PublishedKey.objects.get().retired_at == first


def test_the_first_token_of_a_new_key_is_good_at_once(member, settings):
    RING.load_from(stored_keys)
    with auth_publishes(jwk("old")) as settings.JWKS_URL:
        fetch_keys()
        assert read_notes(token_of(member.caller)) == (401, "auth.invalid_token")
    RING.invalidate()

    with auth_publishes(jwk()) as settings.JWKS_URL:
        assert read_notes(token_of(member.caller))[0] == 200


def test_auth_is_asked_twice_a_second_at_most_whatever_ids_are_made_up(settings):
    asked = []
    ring = KeyRing(lambda: {"known": "a key"}, lambda: asked.append(1) or True)

    with stopped_clock() as clock_of_process:
        for _ in range(3):
            assert [ring.find(f"made up {number}") for number in range(50)] == [None] * 50
            clock_of_process.shift(1.0)

    assert len(asked) == 6


def test_where_auth_does_not_answer_nobody_waits_for_it_again_for_five_seconds():
    asked = []
    ring = KeyRing(lambda: {"known": "a key"}, lambda: bool(asked.append(1)))

    with stopped_clock() as clock_of_process:
        for _ in range(6):
            ring.find("made up")
            clock_of_process.shift(1.0)

    assert len(asked) == 2


def test_tokens_of_a_retired_key_do_not_make_anybody_look_for_it():
    asked = []
    ring = KeyRing(lambda: {"known": "a key", "retired": None}, lambda: asked.append(1) or True)

    assert [ring.find("retired") for _ in range(50)] == [None] * 50
    assert ring.find("known") == "a key"
    assert asked == []


def test_who_asked_auth_before_another_takes_nothing_away_that_the_other_learned(settings):
    """The answer of the first is older, and comes later."""
    earlier = clock.machine_now()
    with auth_publishes(jwk("old"), jwk("new")) as settings.JWKS_URL:
        fetch_keys()

    with time_machine.travel(earlier, tick=False), auth_publishes(jwk("old")) as settings.JWKS_URL:
        fetch_keys()

    assert sorted(stored_keys()) == ["new", "old"]


class ProcessClock:
    """Stands in for the clock of a process, which no library moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def shift(self, seconds: float) -> None:
        self.now += seconds


@contextmanager
def stopped_clock() -> Iterator[ProcessClock]:
    stopped = ProcessClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys.time, "monotonic", lambda: stopped.now)
        yield stopped


def test_a_new_key_is_found_within_a_second():
    known = {"old": "an old key"}
    ring = KeyRing(lambda: dict(known))
    ring.find("old")
    a_second_later(ring)

    known["new"] = "a new key"

    assert ring.find("new") == "a new key"


def test_unknown_key_ids_make_the_database_be_read_a_few_times_a_second_at_most():
    reads = []
    ring = KeyRing(lambda: reads.append(1) or {"known": "a key"}, lambda: True)

    with stopped_clock():
        assert [ring.find(f"made up {number}") for number in range(50)] == [None] * 50

    assert len(reads) == 4


def test_known_keys_stay_while_the_database_is_away():
    def away() -> dict[str, object]:
        raise OperationalError

    ring = KeyRing(lambda: {"known": "a key"})
    assert ring.find("known") == "a key"
    ring._load, ring._loaded_at = away, float("-inf")

    assert ring.find("known") == "a key"
