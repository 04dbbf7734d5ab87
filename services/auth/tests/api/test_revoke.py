import pytest

from identity.sessions.models import Session
from shared.testing.proofs import nothing_written
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/token/revoke"


def revoke(visitor, secret):
    return visitor.post(PATH, {"refresh": secret}, format="json")


def test_ends_the_session(visitor, member_user):
    secret = signed_in(member_user).refresh

    answer = revoke(visitor, secret)

    assert (answer.status_code, answer.content) == (204, b"")
    assert Session.objects.get().end_reason == "SIGNED_OUT"
    assert visitor.post("/api/v1/auth/token/refresh", {"refresh": secret}, format="json").status_code == 401


def test_leaves_other_sessions_open(visitor, member_user):
    secret, elsewhere = signed_in(member_user).refresh, signed_in(member_user).refresh

    revoke(visitor, secret)

    assert visitor.post("/api/v1/auth/token/refresh", {"refresh": elsewhere}, format="json").status_code == 200


def test_a_second_time_changes_nothing(visitor, member_user):
    secret = signed_in(member_user).refresh
    revoke(visitor, secret)

    with nothing_written():
        assert revoke(visitor, secret).status_code == 204


def test_an_unknown_token_gets_the_same_answer(visitor, member_user):
    signed_in(member_user)

    with nothing_written():
        assert revoke(visitor, "unknown").status_code == 204
