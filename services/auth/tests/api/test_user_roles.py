import pytest

from identity.users.models import AuditEntry, UserRole
from shared import clock
from shared.contracts.auth import MerchantStaffChanged, SessionsRevoked
from shared.contracts.payments import MerchantCreated
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.factories import make_merchant, make_user

pytestmark = pytest.mark.django_db


def path(user, role=""):
    return f"/api/v1/auth/users/{user.id}/roles" + (f"/{role}" if role else "")


def test_gives_a_role(operator, member_user):
    answer = operator.post(path(member_user), {"role": "analyst"})

    assert (answer.status_code, answer.json()["roles"]) == (200, ["analyst", "member"])
    row = UserRole.objects.get(role="analyst")
    assert (row.user_id, row.granted_by) == (member_user.id, operator.id)


def test_a_role_the_user_has_already_changes_nothing(operator, member_user):
    with nothing_written():
        answer = operator.post(path(member_user), {"role": "member"})

    assert (answer.status_code, answer.json()["roles"]) == (200, ["member"])


def test_makes_a_merchants_user(operator, member_user):
    merchant_id = make_merchant()

    answer = operator.post(path(member_user), {"role": "merchant", "merchant_id": merchant_id})

    assert (answer.status_code, answer.json()["merchant_id"]) == (200, merchant_id)


def test_whom_a_user_works_for_is_published_with_a_growing_version(operator, member_user):
    merchant_id = make_merchant()

    operator.post(path(member_user), {"role": "merchant", "merchant_id": merchant_id})
    operator.post(path(member_user), {"role": "merchant", "merchant_id": merchant_id})
    operator.post(path(member_user), {"role": "analyst"})
    operator.delete(path(member_user, "merchant"))

    said = [(one.user_id, str(one.merchant_id), one.version) for one in published(MerchantStaffChanged)]
    assert said == [(member_user.id, merchant_id, 1), (member_user.id, "None", 2)]


def test_nobody_works_for_a_merchant_who_does_not_exist(operator, member_user):
    with nothing_written():
        answer = operator.post(path(member_user), {"role": "merchant", "merchant_id": str(new_id())})

    assert (answer.status_code, answer.json()["code"]) == (409, "users.merchant_unknown")
    assert answer["Retry-After"] == "1"


def test_once_the_word_of_a_merchant_has_come_the_same_request_is_granted(operator, member_user):
    merchant_id = new_id()
    body = {"role": "merchant", "merchant_id": str(merchant_id)}
    assert operator.post(path(member_user), body).status_code == 409

    deliver(MerchantCreated(merchant_id=merchant_id, name="Plaza", created_at=clock.now()))

    assert operator.post(path(member_user), body).status_code == 200


def test_a_user_works_for_one_merchant_at_a_time(operator, merchant):
    user = make_user(merchant.caller)

    with nothing_written():
        answer = operator.post(path(user), {"role": "merchant", "merchant_id": str(new_id())})

    assert (answer.status_code, answer.json()["code"]) == (409, "users.merchant_differs")


@pytest.mark.parametrize(
    "body",
    [
        {"role": "merchant"},
        {"role": "analyst", "merchant_id": str(new_id())},
        {"role": "king"},
        {"role": "service"},
        {"role": ""},
        {"role": None},
        {"role": "merchant", "merchant_id": "x"},
        {"role": "merchant", "merchant_id": 5},
        {},
    ],
)
def test_a_bad_body_is_refused(operator, member_user, body):
    with nothing_written():
        assert operator.post(path(member_user), body).status_code == 400


def test_an_unknown_user_is_not_found(operator):
    with nothing_written():
        assert operator.post(f"/api/v1/auth/users/{new_id()}/roles", {"role": "analyst"}).status_code == 404


def test_a_deactivated_user_takes_no_role(operator, member_user):
    operator.post(f"/api/v1/auth/users/{member_user.id}/deactivate")

    with nothing_written():
        answer = operator.post(path(member_user), {"role": "admin"})

    assert (answer.status_code, answer.json()["code"]) == (409, "users.inactive")


def test_takes_a_role_and_revokes_the_tokens_that_carry_it(operator, merchant):
    user = make_user(merchant.caller)

    answer = operator.delete(path(user, "merchant"))

    user.refresh_from_db()
    assert (answer.status_code, user.merchant_id) == (204, None)
    assert not UserRole.objects.filter(user=user).exists()
    assert [message.user_id for message in published(SessionsRevoked)] == [user.id]


@pytest.mark.parametrize("role", ["analyst", "king"])
def test_a_role_the_user_has_not_is_not_found(operator, member_user, role):
    with nothing_written():
        assert operator.delete(path(member_user, role)).status_code == 404


def test_the_last_admin_keeps_the_role(operator, operator_user):
    with nothing_written():
        answer = operator.delete(path(operator_user, "admin"))

    assert (answer.status_code, answer.json()["code"]) == (409, "users.last_admin")


def test_one_of_two_admins_can_lose_the_role(operator, operator_user):
    make_user(roles=("admin",))

    assert operator.delete(path(operator_user, "admin")).status_code == 204


def test_a_deactivated_admin_does_not_count(operator, operator_user):
    second = make_user(roles=("admin",))
    operator.post(f"/api/v1/auth/users/{second.id}/deactivate")

    assert operator.delete(path(operator_user, "admin")).status_code == 409


def test_changes_of_roles_are_in_the_audit_with_who_made_them(operator, member_user):
    operator.post(path(member_user), {"role": "analyst"})
    operator.delete(path(member_user, "analyst"))

    lines = AuditEntry.objects.order_by("created_at").values_list("event", "actor_id", "subject_id", "details")
    assert list(lines) == [
        ("role.granted", operator.id, member_user.id, {"role": "analyst"}),
        ("role.revoked", operator.id, member_user.id, {"role": "analyst"}),
    ]
