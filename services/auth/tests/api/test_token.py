import jwt
import pytest
import time_machine
from django.conf import settings

from identity.sessions.models import RefreshToken, Session
from identity.users.models import AuditEntry, User
from shared import clock
from shared.testing import roles
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/token"


def sign_in(visitor, email="member@example.com", password=PASSWORD, **headers):
    return visitor.post(PATH, {"email": email, "password": password}, format="json", **headers)


def test_gives_a_pair_of_tokens_for_address_and_password(visitor, member_user):
    answer = sign_in(visitor)

    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("token_type", "expires_in")} == {
        "token_type": "Bearer",
        "expires_in": 600,
    }
    assert answer["Cache-Control"] == "no-store"


def test_the_access_token_says_who_may_do_what(visitor, member_user):
    access = sign_in(visitor).json()["access"]

    claims = jwt.decode(access, options={"verify_signature": False})
    token = RefreshToken.objects.get()
    assert claims["exp"] - claims["iat"] == 600
    assert {name: claims[name] for name in claims.keys() - {"exp", "iat"}} == {
        "iss": "loyalty-auth",
        "aud": "loyalty",
        "sub": str(member_user.id),
        "jti": str(token.id),
        "scope": " ".join(sorted(roles.MEMBER_SCOPES)),
        "roles": ["member"],
        "merchant_id": None,
        "token_use": "access",
    }
    assert jwt.get_unverified_header(access).keys() == {"alg", "kid", "typ"}


def test_the_access_token_opens_the_api(visitor, member_user):
    access = sign_in(visitor).json()["access"]

    answer = visitor.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {access}")

    assert (answer.status_code, answer.json()["id"]) == (200, str(member_user.id))


def test_a_merchants_token_names_the_merchant(visitor):
    make_user(roles.MERCHANT, email="shop@example.com")

    claims = jwt.decode(sign_in(visitor, "shop@example.com").json()["access"], options={"verify_signature": False})

    assert (claims["merchant_id"], claims["roles"]) == (str(roles.MERCHANT_ID), ["merchant"])


def test_the_refresh_token_is_kept_as_a_digest_only(visitor, member_user):
    refresh = sign_in(visitor).json()["refresh"]

    assert len(refresh) == 43
    assert len(bytes(RefreshToken.objects.get().digest)) == 32


def test_the_case_of_the_address_does_not_matter(visitor, member_user):
    assert sign_in(visitor, "MEMBER@example.com").status_code == 200


def test_the_session_remembers_device_and_address_as_the_gateway_saw_it(visitor, member_user):
    sign_in(
        visitor,
        HTTP_USER_AGENT="Phone\x07 1",
        HTTP_X_REAL_IP="198.51.100.4",
        HTTP_X_GATEWAY_SECRET=settings.GATEWAY_SECRET,
    )

    assert Session.objects.values_list("agent", "address").get() == ("Phone 1", "198.51.100.4")


@pytest.mark.parametrize("said", ["", "guessed", "grün", None])
def test_an_address_that_the_gateway_did_not_say_is_replaced_by_the_connections(visitor, member_user, said):
    proof = {} if said is None else {"HTTP_X_GATEWAY_SECRET": said}

    sign_in(visitor, HTTP_X_REAL_IP="198.51.100.4", HTTP_X_FORWARDED_FOR="198.51.100.4", **proof)

    assert Session.objects.get().address == "127.0.0.1"


def test_guesses_with_forged_addresses_count_for_the_connections(visitor, member_user):
    with time_machine.travel(clock.machine_now(), tick=False):
        answers = [guess(visitor, number, HTTP_X_REAL_IP=f"198.51.100.{number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_unknown_address_wrong_password_and_deactivated_user_get_the_same_answer(visitor, member_user, other_user):
    User.objects.filter(pk=other_user.pk).update(is_active=False)

    answers = [
        sign_in(visitor, "nobody@example.com"),
        sign_in(visitor, password="a wrong phrase"),
        sign_in(visitor, "other@example.com"),
    ]

    bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
    assert bodies[0]["code"] == "sessions.sign_in_refused"
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert bodies[0] == bodies[1] == bodies[2]
    assert not Session.objects.exists()


def test_each_refusal_is_in_the_audit_with_its_reason_and_without_what_was_typed(visitor, member_user):
    sign_in(visitor, "nobody@example.com")
    sign_in(visitor, password="a wrong phrase")

    refusals = AuditEntry.objects.filter(event="session.refused").order_by("created_at")
    assert list(refusals.values_list("subject_id", "details")) == [
        (None, {"reason": "unknown_account"}),
        (member_user.id, {"reason": "wrong_password"}),
    ]


def test_a_blank_at_the_end_belongs_to_the_password(visitor, member_user):
    assert sign_in(visitor, password=PASSWORD + " ").status_code == 401


@pytest.mark.parametrize("email", ["member@example.com", "nobody@example.com"])
def test_the_tenth_wrong_password_makes_the_eleventh_wait_whether_the_account_exists_or_not(
    visitor, member_user, email
):
    with time_machine.travel(clock.machine_now(), tick=False):
        answers = [sign_in(visitor, email, f"wrong phrase {number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert answers[-1].json()["code"] == "sessions.too_many_guesses"
    assert answers[-1]["Retry-After"] == "1"


def test_while_waiting_even_the_right_password_is_refused(visitor, member_user):
    with time_machine.travel(clock.machine_now(), tick=False):
        for number in range(11):
            sign_in(visitor, password=f"wrong phrase {number}")

        assert sign_in(visitor).status_code == 429


FROM_AFAR = {"REMOTE_ADDR": "198.51.100.9"}


def guess(visitor, number, email="member@example.com", **headers):
    return visitor.post(PATH, {"email": email, "password": f"wrong phrase {number}"}, format="json", **headers)


def test_a_stranger_does_not_shut_the_owner_out_of_a_device_that_signed_in_before(visitor, member_user):
    assert sign_in(visitor).status_code == 200

    with time_machine.travel(clock.machine_now(), tick=False):
        answers = [guess(visitor, number, **FROM_AFAR) for number in range(11)]
        assert sign_in(visitor).status_code == 200

        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        assert guess(visitor, 12, **FROM_AFAR).status_code == 429


def test_guesses_at_others_do_not_shut_out_who_signed_in_from_the_same_address(visitor, member_user):
    sign_in(visitor)
    with time_machine.travel(clock.machine_now(), tick=False):
        for number in range(101):
            guess(visitor, number, email=f"nobody{number}@example.com")
        assert guess(visitor, 0, email="another@example.com").status_code == 429

        assert sign_in(visitor).status_code == 200


def test_a_known_device_has_ten_guesses_as_well_and_no_more(visitor, member_user):
    sign_in(visitor)
    with time_machine.travel(clock.machine_now(), tick=False):
        answers = [guess(visitor, number) for number in range(12)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2


def test_one_account_under_attack_leaves_the_others_alone(visitor, member_user, other_user):
    for number in range(11):
        sign_in(visitor, password=f"wrong phrase {number}")

    assert sign_in(visitor, "other@example.com").status_code == 200
