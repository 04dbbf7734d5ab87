import pytest
import time_machine

from identity.sessions.models import GuessCount
from identity.users.models import AuditEntry, User
from shared import clock
from shared.contracts.auth import UserRegistered
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/register"
GOOD = {"email": "Ada@Example.com", "password": PASSWORD, "name": "Ada"}


def register(visitor, **changes):
    return visitor.post(PATH, {**GOOD, **changes}, format="json")


def test_makes_a_member(visitor):
    answer = register(visitor)

    body = answer.json()
    assert answer.status_code == 201
    assert {name: body[name] for name in ("email", "name", "email_verified", "roles", "merchant_id")} == {
        "email": "ada@example.com",
        "name": "Ada",
        "email_verified": False,
        "roles": ["member"],
        "merchant_id": None,
    }
    assert str(User.objects.get().id) == body["id"]


def test_the_password_is_kept_as_argon2id_with_19_mib_two_passes_and_one_lane(visitor):
    register(visitor)

    assert User.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_answer_is_not_kept_by_any_cache(visitor):
    assert register(visitor)["Cache-Control"] == "no-store"


def test_publishes_that_somebody_registered_and_writes_it_into_the_audit(visitor):
    register(visitor)

    user = User.objects.get()
    [message] = published(UserRegistered)
    assert (message.user_id, message.roles, message.registered_at) == (user.id, ["member"], user.created_at)
    assert list(AuditEntry.objects.values_list("event", "subject_id")) == [("user.registered", user.id)]


def test_the_name_may_be_left_out(visitor):
    answer = visitor.post(PATH, {"email": "ada@example.com", "password": PASSWORD}, format="json")

    assert (answer.status_code, answer.json()["name"]) == (201, "")


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@example.com "])
def test_an_address_has_one_account_in_whatever_case(visitor, email):
    register(visitor)

    answer = register(visitor, email=email, password="another odd long phrase")

    assert (answer.status_code, answer.json()["code"]) == (409, "users.email_taken")
    assert (User.objects.count(), AuditEntry.objects.count(), len(published(UserRegistered))) == (1, 1, 1)


def test_who_asks_about_a_hundred_addresses_waits(visitor):
    register(visitor)
    at = clock.now()
    GuessCount.objects.create(kind="register", subject="127.0.0.1", count=99, last_at=at)

    with time_machine.travel(at, tick=False):
        answers = [register(visitor), register(visitor), register(visitor, email="new@example.com")]

    assert [answer.status_code for answer in answers] == [409, 429, 429]
    assert [answer.json()["code"] for answer in answers[1:]] == ["sessions.too_many_guesses"] * 2
    assert answers[1]["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short pw", "password_too_short"),
        ("eleven char", "password_too_short"),
        # One character to who types it, and eighteen to the form that passwords are hashed in.
        ("\ufdfa", "password_too_short"),
        ("password1234", "password_too_common"),
        ("Professional", "password_too_common"),
        ("passwordpassword", "password_too_easy"),
        ("letmeinletmein", "password_too_easy"),
        ("qwertyuiopas", "password_too_easy"),
        ("a" * 12, "password_too_easy"),
        (" " * 12, "password_too_easy"),
        ("123456789012", "password_too_easy"),
        ("ada@example.co", "password_too_similar"),
        ("Augusta Ada King", "password_too_similar"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(visitor, password, code):
    with nothing_written():
        answer = register(visitor, password=password, name="Augusta Ada King")

    assert (answer.status_code, answer.json()["code"]) == (400, "users.password_weak")
    assert code in [error["code"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("password", ["odd 12 chars", "836195027468", "qvxwmzkjhfgt", "%&/()=?!#+*~"])
def test_twelve_characters_are_enough_of_whatever_kind(visitor, password):
    assert register(visitor, password=password).status_code == 201


@pytest.mark.parametrize(("length", "status"), [(64, 201), (128, 201), (129, 400)])
def test_how_long_a_password_may_be(visitor, length, status):
    phrase = ("a long and rather odd phrase, " * 5)[: length - 1] + "!"

    assert register(visitor, password=phrase).status_code == status


def test_the_schema_says_how_short_a_new_password_may_be_and_of_an_old_one_nothing(visitor):
    found = visitor.get("/api/v1/auth/swagger.json").json()["definitions"]

    assert found["Registration"]["properties"]["password"]["minLength"] == 12
    assert found["PasswordChange"]["properties"]["new_password"]["minLength"] == 12
    assert found["PasswordChange"]["properties"]["current_password"]["minLength"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "ada"),
        ("email", "ada@"),
        ("email", "ada@example"),
        ("email", "ada@example.com\x00"),
        ("email", "a" * 250 + "@example.com"),
        ("email", "ada@exämple.com"),
        ("email", "\u212aate@example.com"),
        ("email", "ada@example.com\nbcc: other@example.com"),
        ("password", ""),
        ("password", "a long phrase with a \x00 in it"),
        ("password", "x y" * 50),
        ("name", "N" * 101),
        ("name", "Ada\x00"),
        ("name", "Ada\x1b[31m"),
    ],
)
def test_a_bad_field_is_refused_and_named(visitor, field, value):
    with nothing_written():
        answer = register(visitor, **{field: value})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert {error["field"] for error in answer.json()["errors"]} == {field}


def test_half_a_surrogate_pair_is_refused(visitor):
    body = b'{"email": "\\ud800@example.com", "password": "a long and rather odd phrase"}'

    with nothing_written():
        answer = visitor.generic("POST", PATH, body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("field", ["roles", "role", "id", "merchant_id", "is_active"])
def test_nobody_chooses_the_own_role(visitor, field):
    with nothing_written():
        answer = register(visitor, **{field: "admin"})

    assert answer.status_code == 400


def test_a_bad_token_that_comes_along_is_not_looked_at(visitor):
    answer = visitor.post(PATH, GOOD, format="json", HTTP_AUTHORIZATION="Bearer nonsense")

    assert answer.status_code == 201
