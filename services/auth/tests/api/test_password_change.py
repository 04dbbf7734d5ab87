import pytest
import time_machine

from identity.sessions.models import Session
from identity.users.models import AuditEntry
from shared import clock
from shared.contracts.auth import SessionsRevoked
from shared.testing.actors import anonymous
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/password/change"
NEW = "another odd phrase altogether"


def change(tokens, current=PASSWORD, new=NEW):
    client = anonymous()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access}")
    return client.post(PATH, {"current_password": current, "new_password": new}, format="json")


def sign_in(visitor, password):
    return visitor.post("/api/v1/auth/token", {"email": "member@example.com", "password": password}, format="json")


def test_from_then_on_only_the_new_password_opens(visitor, member_user):
    assert change(signed_in(member_user)).status_code == 204

    assert sign_in(visitor, PASSWORD).status_code == 401
    assert sign_in(visitor, NEW).status_code == 200


def test_ends_the_other_sessions_and_keeps_this_one(visitor, member_user):
    here, elsewhere = signed_in(member_user), signed_in(member_user)

    change(here)

    assert list(Session.objects.filter(ended_at__isnull=False).values_list("end_reason", flat=True)) == [
        "PASSWORD_CHANGED"
    ]
    refresh = "/api/v1/auth/token/refresh"
    assert visitor.post(refresh, {"refresh": elsewhere.refresh}, format="json").status_code == 401
    assert visitor.post(refresh, {"refresh": here.refresh}, format="json").status_code == 200


def test_revokes_all_access_tokens_and_refreshing_gives_one_that_is_good_at_once(visitor, member_user):
    here = signed_in(member_user)
    change(here)
    deliver(*published(SessionsRevoked))

    assert visitor.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {here.access}").status_code == 401
    fresh = visitor.post("/api/v1/auth/token/refresh", {"refresh": here.refresh}, format="json").json()["access"]
    assert visitor.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {fresh}").status_code == 200


def test_is_in_the_audit(member_user):
    change(signed_in(member_user))

    assert AuditEntry.objects.filter(event="password.changed", subject_id=member_user.id).count() == 1


def test_a_wrong_present_password_is_refused_and_noted(member_user):
    answer = change(signed_in(member_user), current="a wrong phrase")

    assert (answer.status_code, answer.json()["code"]) == (403, "users.password_wrong")
    assert not published(SessionsRevoked)
    assert AuditEntry.objects.filter(event="password.refused").count() == 1


def test_a_stolen_access_token_is_no_way_around_the_limit_of_guesses(member_user):
    tokens = signed_in(member_user)

    with time_machine.travel(clock.machine_now(), tick=False):
        answers = [change(tokens, current=f"wrong phrase {number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [403] * 10 + [429]


def test_strangers_who_guess_do_not_stop_who_is_signed_in(visitor, member_user):
    tokens = signed_in(member_user)
    with time_machine.travel(clock.machine_now(), tick=False):
        for number in range(11):
            body = {"email": member_user.email, "password": f"wrong phrase {number}"}
            visitor.post("/api/v1/auth/token", body, format="json")

        assert change(tokens).status_code == 204


def test_a_weak_new_password_is_refused(member_user):
    tokens = signed_in(member_user)

    with nothing_written():
        answer = change(tokens, new="member@example")

    assert (answer.status_code, answer.json()["code"]) == (400, "users.password_weak")


def test_a_token_of_nobody_with_an_account_finds_nothing(member):
    with nothing_written():
        assert member.post(PATH, {"current_password": PASSWORD, "new_password": NEW}).status_code == 404
