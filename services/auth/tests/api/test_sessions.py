from datetime import timedelta

import pytest

from identity.sessions.models import Session
from shared import clock
from shared.contracts.auth import SessionsRevoked
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/sessions"


def test_lists_my_open_sessions_newest_first(member, member_user, other_user):
    at = clock.machine_now()
    signed_in(member_user, at=at - timedelta(days=15))
    signed_in(member_user, at=at - timedelta(hours=2))
    signed_in(member_user, at=at - timedelta(hours=1))
    signed_in(other_user)

    body = member.get(PATH).json()

    ids = Session.objects.filter(user=member_user, expires_at__gt=at).order_by("-created_at")
    assert [row["id"] for row in body["results"]] == [str(session.id) for session in ids]
    assert (len(body["results"]), body["next"], body["previous"]) == (2, None, None)
    assert (body["results"][0]["agent"], body["results"][0]["address"]) == ("pytest", "192.0.2.7")


def test_pages_through_them(member, member_user):
    for _ in range(3):
        signed_in(member_user)

    first = member.get(PATH, page_size="2").json()
    second = member.get(first["next"]).json()

    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert second["next"] is None


@pytest.mark.parametrize("query", [{"page_size": "-1"}, {"page_size": "many"}, {"limit": "5"}])
def test_a_bad_query_is_refused(member, member_user, query):
    assert member.get(PATH, **query).status_code == 400


def test_ends_one_and_leaves_the_others(member, member_user):
    signed_in(member_user)
    signed_in(member_user)
    session = Session.objects.first()

    answer = member.delete(f"{PATH}/{session.id}")

    assert answer.status_code == 204
    assert list(Session.objects.filter(ended_at__isnull=False)) == [session]
    assert member.delete(f"{PATH}/{session.id}").status_code == 404


def test_somebody_elses_session_is_not_found(other_member, member_user, other_user):
    signed_in(member_user)

    with nothing_written():
        answer = other_member.delete(f"{PATH}/{Session.objects.get().id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_id_that_is_none_is_not_found(member, member_user):
    assert member.delete(f"{PATH}/nonsense").status_code == 404


def test_ends_all_of_mine_and_nobody_elses(member, member_user, other_user):
    signed_in(member_user)
    signed_in(member_user)
    signed_in(other_user)

    answer = member.delete(PATH)

    assert answer.status_code == 204
    assert list(Session.objects.filter(ended_at__isnull=True).values_list("user_id", flat=True)) == [other_user.id]
    assert [message.user_id for message in published(SessionsRevoked)] == [member_user.id]


def test_a_token_of_nobody_with_an_account_ends_nothing(member, other_user):
    signed_in(other_user)

    with nothing_written():
        answer = member.delete(PATH)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
