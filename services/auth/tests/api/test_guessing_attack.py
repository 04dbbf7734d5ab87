"""How many of an attack's guesses are compared with a password, through every door (ADR 39)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from identity.sessions.models import GuessCount
from shared import clock
from shared.testing.actors import anonymous
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
BASE = "/api/v1/auth"
# An attack lasts ten seconds, however many guesses it makes.
SECONDS = 10.0
FROM_AFAR = {"REMOTE_ADDR": "198.51.100.9"}


def guess(email: str, number: int, **headers: str) -> int:
    body = {"email": email, "password": f"a wrong phrase {number}"}
    return int(anonymous().post(f"{BASE}/token", body, format="json", **headers).status_code)


def compared(guesses: int, one: Callable[[int], int], wrong: int = 401) -> int:
    """Play so many guesses in ten seconds; return how many were compared, after which all others were refused."""
    with time_machine.travel(clock.machine_now(), tick=False) as clocks:
        statuses = []
        for number in range(guesses):
            statuses.append(one(number))
            clocks.shift(timedelta(seconds=SECONDS / guesses))
    assert set(statuses) == {wrong, 429}
    return statuses.count(wrong)


def test_of_500_guesses_at_one_account_13_are_compared(member_user):
    assert compared(500, lambda number: guess(member_user.email, number)) == 13


def test_of_500_guesses_at_an_account_that_is_not_there_13_are_compared(db):
    assert compared(500, lambda number: guess("nobody@example.com", number)) == 13


def test_of_1200_guesses_at_many_accounts_from_one_address_103_are_compared(db):
    assert compared(1200, lambda number: guess(f"nobody{number}@example.com", number)) == 103


def test_of_500_guesses_from_the_owners_device_13_are_compared_and_strangers_have_their_own(member_user):
    body = {"email": member_user.email, "password": PASSWORD}
    assert anonymous().post(f"{BASE}/token", body, format="json").status_code == 200

    assert compared(500, lambda number: guess(member_user.email, number)) == 13
    assert compared(500, lambda number: guess(member_user.email, number, **FROM_AFAR)) == 13


def test_of_500_guesses_at_the_present_password_13_are_compared_and_signing_in_goes_on(member, member_user):
    def change(number: int) -> int:
        body = {"current_password": f"a wrong phrase {number}", "new_password": "another long and odd phrase"}
        return int(member.post(f"{BASE}/password/change", body, key=None).status_code)

    assert compared(500, change, wrong=403) == 13
    assert signed_in(member_user)
    assert not GuessCount.objects.filter(kind="account", blocked_until__isnull=False).exists()
