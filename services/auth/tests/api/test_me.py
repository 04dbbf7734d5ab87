import pytest

from shared.testing.proofs import nothing_written
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/me"


def test_shows_my_profile(member, member_user):
    answer = member.get(PATH)

    assert answer.status_code == 200
    assert answer.json().keys() == {
        "id",
        "email",
        "name",
        "email_verified",
        "roles",
        "merchant_id",
        "is_active",
        "created_at",
    }
    assert (answer.json()["email"], answer.json()["roles"]) == ("member@example.com", ["member"])


def test_each_sees_the_own_profile(other_member, member_user, other_user):
    assert other_member.get(PATH).json()["email"] == "other@example.com"


def test_a_token_of_nobody_with_an_account_finds_and_changes_nothing(member):
    with nothing_written():
        answers = [member.get(PATH), member.patch(PATH, {"name": "Augusta"})]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 2


def test_changes_my_name(member, member_user, other_user):
    answer = member.patch(PATH, {"name": "Augusta"})

    assert (answer.status_code, answer.json()["name"]) == (200, "Augusta")
    other_user.refresh_from_db()
    assert other_user.name == "Ada"


@pytest.mark.parametrize("field", ["email", "roles", "is_active", "email_verified", "merchant_id", "password"])
def test_changes_nothing_but_the_name(member, member_user, field):
    with nothing_written():
        answer = member.patch(PATH, {"name": "Augusta", field: "x"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_a_name_that_is_too_long_is_refused(member, member_user):
    with nothing_written():
        assert member.patch(PATH, {"name": "N" * 101}).status_code == 400


def test_a_profile_takes_three_statements_however_many_roles(member, member_user, django_assert_max_num_queries):
    make_user(roles=("analyst", "support"))
    member.get(PATH)

    with django_assert_max_num_queries(3):
        member.get(PATH)
