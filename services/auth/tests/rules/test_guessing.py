from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from identity.sessions.rules import ACCOUNT, Guesses, charged, forgiven, wait_seconds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NONE = Guesses(0, NOON)


def after(count: int) -> Guesses:
    guesses = NONE
    for _ in range(count):
        guesses = charged(guesses, ACCOUNT, at=NOON)
    return guesses


def test_the_first_nine_guesses_are_free():
    assert [wait_seconds(after(count), at=NOON) for count in range(10)] == [0] * 10


def test_each_further_guess_doubles_the_wait_up_to_five_minutes():
    waits = [wait_seconds(after(count), at=NOON) for count in range(10, 22)]

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_the_wait_is_rounded_up_to_whole_seconds():
    assert wait_seconds(after(11), at=NOON + timedelta(milliseconds=900)) == 2
    assert wait_seconds(after(11), at=NOON + timedelta(seconds=2)) == 0


def test_an_hour_without_a_guess_resets_them():
    assert charged(after(20), ACCOUNT, at=NOON + timedelta(hours=1)).count == 1
    assert charged(after(20), ACCOUNT, at=NOON + timedelta(minutes=59)).count == 21


def test_a_right_guess_is_taken_back():
    assert forgiven(after(12)).count == 11
    assert wait_seconds(forgiven(after(12)), at=NOON) == 0
    assert forgiven(NONE).count == 0


def test_requests_that_overtake_each_other_do_not_make_each_other_wait():
    overtaken = charged(NONE, ACCOUNT, at=NOON + timedelta(milliseconds=5))

    assert wait_seconds(overtaken, at=NOON) == 0
    assert charged(overtaken, ACCOUNT, at=NOON).last_at == NOON + timedelta(milliseconds=5)


@given(count=st.integers(0, 10**6))
def test_no_wait_is_longer_than_five_minutes(count):
    guesses = charged(Guesses(count, NOON), ACCOUNT, at=NOON)

    assert wait_seconds(guesses, at=NOON) <= 300
