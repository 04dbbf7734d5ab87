from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from identity.keys.api.keys import CACHED_SECONDS
from identity.keys.rules import (
    ACCESS_LIFETIME,
    PUBLISHED_BEFORE_SIGNING,
    KeyLife,
    first_signature,
    is_published,
    retirement,
    signing,
)
from shared.tokens.keys import REFRESH_SECONDS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = KeyLife("old", NOON - timedelta(days=30), None)


def rotated(at=NOON):
    signs_from = first_signature(at=at, is_first=False, at_once=False)
    retires_at = retirement(at=at, successor_signs_from=signs_from, at_once=False)
    return [KeyLife("old", OLD.signs_from, retires_at), KeyLife("new", signs_from, None)]


def test_no_key_signs_where_there_is_none():
    assert signing([], at=NOON) is None


def test_a_process_whose_clock_was_read_before_the_first_key_was_made_signs_with_it():
    first = KeyLife("first", NOON, None)

    assert signing([first], at=NOON - timedelta(milliseconds=1)) == first


def test_the_first_key_signs_at_once():
    assert first_signature(at=NOON, is_first=True, at_once=False) == NOON


def test_a_new_key_is_published_five_minutes_before_it_signs():
    keys = rotated()

    assert signing(keys, at=NOON).kid == "old"
    assert signing(keys, at=NOON + timedelta(minutes=5) - timedelta(seconds=1)).kid == "old"
    assert signing(keys, at=NOON + timedelta(minutes=5)).kid == "new"


def test_the_old_key_stays_until_its_last_token_has_expired():
    old = rotated()[0]

    assert is_published(old, at=NOON + timedelta(minutes=15, seconds=59))
    assert not is_published(old, at=NOON + timedelta(minutes=16))


def test_a_leaked_key_is_withdrawn_at_once():
    assert first_signature(at=NOON, is_first=False, at_once=True) == NOON
    assert retirement(at=NOON, successor_signs_from=NOON, at_once=True) == NOON


def test_every_cache_has_fetched_a_key_before_it_signs():
    assert timedelta(seconds=CACHED_SECONDS + REFRESH_SECONDS) < PUBLISHED_BEFORE_SIGNING


@given(minutes=st.integers(0, 60))
def test_whatever_signs_stays_published_while_its_token_lives(minutes):
    keys, at = rotated(), NOON + timedelta(minutes=minutes)

    signer = signing(keys, at=at)

    assert is_published(signer, at=at + ACCESS_LIFETIME)
