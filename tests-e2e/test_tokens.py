"""Who has no good token gets nothing, from any service."""

from uuid import uuid4

import pytest
from clients.api import Api, ok, refused
from clients.auth import Auth
from conftest import Command
from eventually import eventually
from forgeries import CLOSED, forgeries
from people import PASSWORD, Person, signed_in

# Signs with the system's own key, as of an hour ago: a token that was good once.
EXPIRED = """
from datetime import timedelta
from uuid import UUID, uuid4
from identity.keys.access_tokens import Subject, sign
from shared import clock
subject = Subject(UUID({member!r}), frozenset({{"points:read", "wallets:read", "reports:read"}}))
print("token:" + sign(subject, token_id=uuid4(), issued_at=clock.now() - timedelta(hours=1)))
"""


@pytest.mark.parametrize("path", CLOSED)
def test_without_a_token_nothing_is_answered(url: str, path: str) -> None:
    refused(Api(url).get(path), 401, "auth.required")


@pytest.mark.parametrize("path", CLOSED)
def test_forged_tokens_are_refused(url: str, member: Person, other_member: Person, path: str) -> None:
    [*_, jwk] = ok(Api(url).get("/.well-known/jwks.json"))["keys"]

    for what, token in forgeries(member.api.token, jwk, other=other_member.id).items():
        assert refused(Api(url, token).get(path), 401)["code"] == "auth.invalid_token", what


@pytest.mark.parametrize("path", CLOSED)
def test_an_expired_token_is_refused(url: str, member: Person, manage: Command, path: str) -> None:
    printed = manage("auth", "shell", "--verbosity", "0", "-c", EXPIRED.format(member=member.id))
    token = printed.rpartition("token:")[2].strip()

    refused(Api(url, token).get(path), 401, "auth.invalid_token")


def test_a_refresh_token_opens_nothing_and_works_once(url: str) -> None:
    email = f"refresh-{uuid4()}@example.com"
    Auth(Api(url)).register(email, PASSWORD)
    tokens = Auth(Api(url)).sign_in(email, PASSWORD)

    refused(Api(url, tokens["refresh"]).get("/api/v1/points/balance"), 401)
    following = Auth(Api(url)).refresh(tokens["refresh"])
    refused(Api(url).post("/api/v1/auth/token/refresh", {"refresh": tokens["refresh"]}), 401)
    # Spent twice means stolen: the whole family of tokens ends.
    refused(Api(url).post("/api/v1/auth/token/refresh", {"refresh": following["refresh"]}), 401)


def test_after_a_change_of_password_every_service_refuses_the_old_token(url: str) -> None:
    email = f"changing-{uuid4()}@example.com"
    Auth(Api(url)).register(email, PASSWORD)
    person = signed_in(url, email, PASSWORD)
    change = {"current_password": PASSWORD, "new_password": "another long pass phrase"}

    assert person.api.post("/api/v1/auth/password/change", change).status_code == 204

    for path in CLOSED[:3]:
        eventually(lambda path=path: person.api.get(path).status_code, 401)  # type: ignore[misc]
