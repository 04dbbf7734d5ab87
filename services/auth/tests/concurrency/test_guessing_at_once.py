import pytest
import time_machine

from identity.sessions.models import GuessCount
from shared import clock
from shared.testing.actors import anonymous
from shared.testing.proofs import race
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/auth/token"


def test_twenty_wrong_passwords_at_once_are_no_way_around_the_limit_of_ten():
    user = make_user()

    def guess(number: int) -> int:
        body = {"email": user.email, "password": f"wrong phrase {number}"}
        return anonymous().post(PATH, body, format="json").status_code

    # The tenth's wait of a second must not pass meanwhile.
    with time_machine.travel(clock.machine_now(), tick=False):
        statuses = race(20, guess)

    assert (statuses.count(401), statuses.count(429)) == (10, 10)


def test_eight_right_passwords_at_once_all_open_a_session_and_leave_no_count():
    user = make_user()

    def sign_in(_: int) -> int:
        body = {"email": user.email, "password": PASSWORD}
        return anonymous().post(PATH, body, format="json").status_code

    assert race(8, sign_in) == [200] * 8
    assert list(GuessCount.objects.values_list("count", "blocked_until")) == [(0, None), (0, None)]
