import argon2
import pytest
import time_machine
from django.contrib.auth.hashers import make_password

from identity.users.models import User
from shared import clock
from shared.testing.proofs import nothing_written
from tests.factories import make_user

pytestmark = pytest.mark.django_db

TOKEN = "/api/v1/auth/token"
EMAIL = "ada@example.com"
COMPOSED = "Ålesund og Tromsø é"
DECOMPOSED = "A\u030alesund og Tromsø e\u0301"


def sign_in(visitor, password, email=EMAIL):
    return visitor.post(TOKEN, {"email": email, "password": password}, format="json").status_code


def register(visitor, password):
    return visitor.post("/api/v1/auth/register", {"email": EMAIL, "password": password}, format="json")


@pytest.fixture
def old_user():
    """Somebody whose password was hashed as it was typed, in another form than passwords are hashed in now."""
    user = make_user(email=EMAIL)
    User.objects.filter(pk=user.pk).update(password=make_password(DECOMPOSED))
    return user


@pytest.mark.parametrize(("was_set", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_password_is_the_same_by_whatever_keyboard_it_is_typed(visitor, was_set, typed):
    assert register(visitor, was_set).status_code == 201

    assert [sign_in(visitor, password) for password in (typed, was_set, COMPOSED + "x")] == [200, 200, 401]


def test_a_password_from_before_opens_as_it_was_typed_and_from_then_on_in_any_form(visitor, old_user):
    assert sign_in(visitor, COMPOSED) == 401
    assert sign_in(visitor, DECOMPOSED) == 200

    again = User.objects.get(pk=old_user.pk).password
    assert [sign_in(visitor, password) for password in (COMPOSED, DECOMPOSED)] == [200, 200]
    assert User.objects.get(pk=old_user.pk).password == again


def test_a_password_from_before_may_have_any_character_and_a_new_one_may_not(visitor):
    user = make_user(email=EMAIL)
    User.objects.filter(pk=user.pk).update(password=make_password("tab\tand some letters"))

    assert sign_in(visitor, "tab\tand some letters") == 200
    for password in ("tab\tand some letters", "unassigned \u0378 letters"):
        with nothing_written():
            answer = visitor.post(
                "/api/v1/auth/register", {"email": "b@example.com", "password": password}, format="json"
            )
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "password")


def test_a_common_password_is_common_in_any_form(visitor):
    with nothing_written():
        answer = register(visitor, "ｐａｓｓｗｏｒｄ１２３４")

    assert (answer.status_code, answer.json()["code"]) == (400, "users.password_weak")
    assert [error["code"] for error in answer.json()["errors"]] == ["password_too_common", "password_too_easy"]


def test_a_password_from_before_that_would_be_too_short_today_still_opens(visitor):
    user = make_user(email=EMAIL)
    User.objects.filter(pk=user.pk).update(password=make_password("short pw"))

    assert sign_in(visitor, "short pw") == 200


def test_a_wrong_password_in_another_form_is_one_guess(visitor, old_user):
    with time_machine.travel(clock.machine_now(), tick=False):
        statuses = [sign_in(visitor, f"e\u0301 wrong {number}") for number in range(11)]

    assert statuses == [401] * 10 + [429]


@pytest.mark.parametrize(("password", "hashes"), [(COMPOSED + "x", 1), (DECOMPOSED + "x", 2)])
def test_nobody_costs_as_many_hashes_as_somebody(visitor, old_user, monkeypatch, password, hashes):
    made = []
    verify, hash_secret = argon2.PasswordHasher.verify, argon2.low_level.hash_secret
    monkeypatch.setattr(argon2.PasswordHasher, "verify", lambda *args: made.append(EMAIL) or verify(*args))
    monkeypatch.setattr(argon2.low_level, "hash_secret", lambda *a, **k: made.append("nobody") or hash_secret(*a, **k))

    assert [sign_in(visitor, password), sign_in(visitor, password, "nobody@example.com")] == [401, 401]

    assert made == [EMAIL] * hashes + ["nobody"] * hashes
