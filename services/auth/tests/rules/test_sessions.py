from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.keys.rules import ACCESS_LIFETIME
from identity.sessions.rules import Shown, Verdict, expires_at, issued_at, judge, not_before
from shared.tokens.revocations import NOTES_LIVE

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda passed: NOON + passed)


def shown(*, spent_at=None, expires=NOON + timedelta(days=14), is_open=True):
    return Shown(spent_at=spent_at, expires_at=expires, is_session_open=is_open)


def test_an_unspent_token_is_rotated():
    assert judge(shown(), arrived_at=NOON) is Verdict.ROTATE


def test_a_token_is_good_up_to_but_not_at_the_instant_it_expires():
    assert judge(shown(expires=NOON), arrived_at=NOON - timedelta(microseconds=1)) is Verdict.ROTATE
    assert judge(shown(expires=NOON), arrived_at=NOON) is Verdict.REFUSE


def test_a_token_of_an_ended_session_is_refused():
    assert judge(shown(is_open=False), arrived_at=NOON) is Verdict.REFUSE
    assert judge(shown(is_open=False, spent_at=NOON - SECOND), arrived_at=NOON) is Verdict.REFUSE


def test_a_spent_token_is_reused_from_the_instant_of_its_spending_on_without_any_grace():
    assert judge(shown(spent_at=NOON), arrived_at=NOON) is Verdict.REUSED


def test_a_request_that_had_arrived_before_the_token_was_spent_is_a_twin():
    assert judge(shown(spent_at=NOON), arrived_at=NOON - timedelta(microseconds=1)) is Verdict.RACED


def test_a_refresh_gives_two_weeks_but_ninety_days_from_the_sign_in_at_most():
    assert expires_at(signed_in_at=NOON, at=NOON) == datetime(2026, 3, 15, 12, tzinfo=UTC)
    assert expires_at(signed_in_at=NOON, at=NOON + timedelta(days=80)) == datetime(2026, 5, 30, 12, tzinfo=UTC)


def test_an_access_token_is_dated_in_whole_seconds():
    at = NOON.replace(microsecond=999_999)

    assert issued_at(at=at, tokens_not_before=None) == NOON


@pytest.mark.parametrize("later", [timedelta(0), timedelta(milliseconds=300)])
def test_a_token_of_the_second_of_a_revocation_is_dated_after_it(later):
    assert issued_at(at=NOON + later, tokens_not_before=NOON) == NOON + SECOND


@given(at=INSTANTS, revoked=INSTANTS, before=INSTANTS)
def test_a_revocation_covers_every_token_before_it_and_none_after_it(at, revoked, before):
    older = issued_at(at=before, tokens_not_before=None)
    line = not_before(at=revoked, tokens_issued_at=older)
    younger = issued_at(at=at, tokens_not_before=line)

    # As shared.tokens.verify compares.
    assert older.timestamp() <= int(line.timestamp())
    assert younger.timestamp() > int(line.timestamp())


def test_services_remember_a_revocation_longer_than_any_access_token_lives():
    assert ACCESS_LIFETIME + timedelta(minutes=1) < NOTES_LIVE
