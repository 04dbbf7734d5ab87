"""The installation's clock is ahead: users say so; sessions, keys, guesses and the audit go by the machine's."""

from base64 import b64encode

import pytest
from rest_framework.test import APIClient

from identity.keys import tasks as keys
from identity.keys.models import SigningKey
from identity.sessions import tasks as sessions
from identity.sessions.models import GuessCount, RefreshToken, Session
from identity.users.models import AuditEntry, User, UserRole
from shared import clock
from shared.contracts.auth import SessionsRevoked, UserDeactivated, UserRegistered
from shared.messaging.models import OutboxMessage, PublishedMessage
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
NEW = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}
MACHINES = [
    (Session, "created_at"), (Session, "last_used_at"), (RefreshToken, "created_at"), (GuessCount, "last_at"),
    (SigningKey, "created_at"), (AuditEntry, "created_at"), (OutboxMessage, "next_attempt_at"),
]  # fmt: skip


@pytest.mark.usefixtures("ahead")
def test_a_user_is_made_at_the_installations_time_and_signs_in_by_the_machines(visitor: APIClient) -> None:
    before = clock.now()
    assert visitor.post(f"{AUTH}/register", NEW, format="json").status_code == 201
    tokens = visitor.post(f"{AUTH}/token", {"email": NEW["email"], "password": PASSWORD}, format="json").json()

    assert visitor.get(f"{AUTH}/me", HTTP_AUTHORIZATION=f"Bearer {tokens['access']}").status_code == 200
    assert visitor.post(f"{AUTH}/token/refresh", {"refresh": tokens["refresh"]}, format="json").status_code == 200
    assert before <= User.objects.get().created_at == published(UserRegistered)[0].registered_at
    assert before <= UserRole.objects.get().granted_at
    assert before <= PublishedMessage.objects.get().occurred_at
    for model, name in MACHINES:
        times = list(model.objects.values_list(name, flat=True))
        assert times
        assert max(times) <= clock.machine_now(), (model, name)


def test_a_session_of_before_is_refreshed_and_nothing_is_purged(
    visitor: APIClient, member_user: User, request: pytest.FixtureRequest
) -> None:
    tokens = signed_in(member_user)
    request.getfixturevalue("ahead")

    assert sessions.purge() == {"tokens": 0, "sessions": 0, "guesses": 0}
    assert keys.purge() == 0
    assert visitor.get(f"{AUTH}/me", HTTP_AUTHORIZATION=f"Bearer {tokens.access}").status_code == 200
    assert visitor.post(f"{AUTH}/token/refresh", {"refresh": tokens.refresh}, format="json").status_code == 200


@pytest.mark.usefixtures("ahead")
def test_who_is_shut_out_is_so_at_the_installations_time_and_their_tokens_at_the_machines(
    visitor: APIClient, operator: Actor, member_user: User
) -> None:
    tokens, before = signed_in(member_user), clock.now()

    assert operator.post(f"{AUTH}/users/{member_user.id}/deactivate").status_code == 200

    [told], [revoked] = published(UserDeactivated), published(SessionsRevoked)
    assert before <= told.deactivated_at == User.objects.get(pk=member_user.pk).deactivated_at
    assert revoked.not_before <= clock.machine_now()
    assert before <= min(PublishedMessage.objects.values_list("occurred_at", flat=True))
    deliver(revoked)
    assert visitor.get(f"{AUTH}/me", HTTP_AUTHORIZATION=f"Bearer {tokens.access}").status_code == 401


def test_who_guessed_too_often_still_waits(
    visitor: APIClient, member_user: User, request: pytest.FixtureRequest
) -> None:
    wrong = {"email": member_user.email, "password": "wrong"}
    for _ in range(10):
        visitor.post(f"{AUTH}/token", wrong, format="json")
    request.getfixturevalue("ahead")

    assert visitor.post(f"{AUTH}/token", wrong, format="json").status_code == 429


@pytest.mark.usefixtures("ahead")
def test_a_programs_secret_gets_a_token_that_opens(operator: Actor, visitor: APIClient) -> None:
    made = operator.post(f"{AUTH}/clients", {"name": "Back office", "scopes": ["reports:read"]}).json()
    basic = b64encode(f"{made['id']}:{made['secret']}".encode()).decode()

    answer = visitor.post(
        f"{AUTH}/oauth/token",
        "grant_type=client_credentials",
        content_type="application/x-www-form-urlencoded",
        HTTP_AUTHORIZATION=f"Basic {basic}",
    )

    header = f"Bearer {answer.json()['access_token']}"
    assert visitor.get(f"{AUTH}/sessions", HTTP_AUTHORIZATION=header).status_code == 200
