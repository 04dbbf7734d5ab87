import pytest

from identity.sessions.models import Session
from identity.users.models import AuditEntry, User
from shared.contracts.auth import SessionsRevoked, UserDeactivated
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


def path(user_id):
    return f"/api/v1/auth/users/{user_id}/deactivate"


def test_shuts_the_user_out(operator, visitor, member_user):
    tokens = signed_in(member_user)

    answer = operator.post(path(member_user.id))
    deliver(*published(SessionsRevoked))

    assert (answer.status_code, answer.json()["is_active"]) == (200, False)
    assert Session.objects.get().end_reason == "DEACTIVATED"
    assert visitor.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {tokens.access}").status_code == 401


def test_others_are_told_once(operator, member_user):
    for _ in range(2):
        operator.post(path(member_user.id))

    (message,) = published(UserDeactivated)
    assert message.user_id == member_user.id
    assert User.objects.get(pk=member_user.pk).deactivated_at == message.deactivated_at
    assert AuditEntry.objects.filter(event="user.deactivated").count() == 1


def test_is_in_the_audit_once_and_again_changes_nothing(operator, member_user):
    operator.post(path(member_user.id))

    with nothing_written():
        assert operator.post(path(member_user.id)).status_code == 200

    assert AuditEntry.objects.filter(event="user.deactivated", actor_id=operator.id).count() == 1


def test_the_last_admin_stays(operator, operator_user):
    with nothing_written():
        answer = operator.post(path(operator_user.id))

    assert (answer.status_code, answer.json()["code"]) == (409, "users.last_admin")


def test_an_unknown_user_is_not_found(operator):
    assert operator.post(path(new_id())).status_code == 404
