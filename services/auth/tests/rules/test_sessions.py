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


def shown(*, spent_at=None, successors=0, superseded_at=None, expires=NOON + timedelta(days=14), is_open=True):
    return Shown(
        spent_at=spent_at,
        successors=successors,
        superseded_at=superseded_at,
        expires_at=expires,
        is_session_open=is_open,
    )


def test_an_unspent_token_is_rotated():
    assert judge(shown(), at=NOON) is Verdict.ROTATE


def test_a_token_is_good_up_to_but_not_at_the_instant_it_expires():
    assert judge(shown(expires=NOON), at=NOON - timedelta(microseconds=1)) is Verdict.ROTATE
    assert judge(shown(expires=NOON), at=NOON) is Verdict.REFUSE


def test_a_token_of_an_ended_session_is_refused_whatever_else_it_is():
    assert judge(shown(is_open=False), at=NOON) is Verdict.REFUSE
    assert judge(shown(is_open=False, spent_at=NOON - SECOND, superseded_at=NOON), at=NOON) is Verdict.REFUSE


@pytest.mark.parametrize(
    ("later", "successors", "verdict"),
    [
        (-SECOND, 1, Verdict.ROTATE),  # it had arrived before the other one, and waited
        (timedelta(0), 9, Verdict.ROTATE),
        (timedelta(0), 10, Verdict.RACED),
        (timedelta(minutes=2), 1, Verdict.ROTATE),
        (timedelta(minutes=2, microseconds=1), 1, Verdict.REUSED),
        (timedelta(minutes=2, microseconds=1), 10, Verdict.REUSED),
    ],
)
def test_a_spent_token_gets_ten_successors_within_two_minutes(later, successors, verdict):
    assert judge(shown(spent_at=NOON, successors=successors), at=NOON + later) is verdict


def test_a_superseded_token_is_reused_however_soon():
    assert judge(shown(superseded_at=NOON), at=NOON) is Verdict.REUSED
    assert judge(shown(superseded_at=NOON, spent_at=NOON, successors=1), at=NOON) is Verdict.REUSED


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
