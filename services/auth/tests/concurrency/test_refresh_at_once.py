from typing import Any

import pytest

from identity.sessions.models import RefreshToken, Session
from identity.users.models import AuditEntry
from shared.testing.actors import anonymous
from shared.testing.proofs import race
from tests.factories import make_user, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def refresh(secret: str) -> Any:
    return anonymous().post("/api/v1/auth/token/refresh", {"refresh": secret}, format="json")


@pytest.mark.parametrize("times", [6, 10])
def test_refreshes_that_meet_all_get_a_pair_that_goes_on(times: int):
    secret = signed_in(make_user()).refresh

    answers = race(times, lambda _: refresh(secret))

    assert [answer.status_code for answer in answers] == [200] * times
    assert len({answer.json()["refresh"] for answer in answers}) == times
    assert refresh(answers[-1].json()["refresh"]).status_code == 200
    assert Session.objects.get().ended_at is None


def test_more_than_ten_at_once_are_refused_and_end_nothing():
    secret = signed_in(make_user()).refresh

    answers = race(14, lambda _: refresh(secret))

    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 4
    assert RefreshToken.objects.exclude(parent_id=None).count() == 10
    assert Session.objects.get().ended_at is None


def test_of_successors_used_at_once_one_goes_on_and_the_session_ends():
    secret = signed_in(make_user()).refresh
    successors = [refresh(secret).json()["refresh"] for _ in range(6)]

    statuses = race(6, lambda number: refresh(successors[number]).status_code)

    # Two parties hold the family: nobody can tell which is the thief.
    assert sorted(statuses) == [200] + [401] * 5
    assert Session.objects.get().end_reason == "REUSED_TOKEN"
    assert AuditEntry.objects.filter(event="session.ended").count() == 1


def test_eight_sessions_of_one_user_refresh_at_once_without_a_refusal():
    user = make_user()
    secrets = [signed_in(user).refresh for _ in range(8)]

    assert race(8, lambda number: refresh(secrets[number]).status_code) == [200] * 8
