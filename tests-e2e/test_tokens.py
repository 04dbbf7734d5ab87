"""Who has no good token gets nothing, from any service."""

from concurrent.futures import ThreadPoolExecutor
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


REFRESH = "/api/v1/auth/token/refresh"


def test_a_refresh_token_opens_nothing_and_ends_the_session_once_its_successor_was_used(url: str) -> None:
    email = f"refresh-{uuid4()}@example.com"
    Auth(Api(url)).register(email, PASSWORD)
    first = Auth(Api(url)).sign_in(email, PASSWORD)["refresh"]

    refused(Api(url, first).get("/api/v1/points/balance"), 401)
    second = Auth(Api(url)).refresh(first)["refresh"]
    third = Auth(Api(url)).refresh(second)["refresh"]
    refused(Api(url).post(REFRESH, {"refresh": first}), 401, "sessions.refresh_token_invalid")
    # Shown after its successor was used, it means that two hold the family: the whole of it ends.
    refused(Api(url).post(REFRESH, {"refresh": third}), 401, "sessions.refresh_token_invalid")


def test_refreshes_that_meet_all_get_tokens_that_go_on(url: str) -> None:
    email = f"refresh-{uuid4()}@example.com"
    Auth(Api(url)).register(email, PASSWORD)
    first = Auth(Api(url)).sign_in(email, PASSWORD)["refresh"]

    with ThreadPoolExecutor(6) as threads:
        pairs = list(threads.map(lambda _: Auth(Api(url)).refresh(first), range(6)))

    assert len({pair["refresh"] for pair in pairs}) == 6
    assert Auth(Api(url)).refresh(pairs[-1]["refresh"])["access"]


def test_after_a_change_of_password_every_service_refuses_the_old_token(url: str) -> None:
    email = f"changing-{uuid4()}@example.com"
    Auth(Api(url)).register(email, PASSWORD)
    person = signed_in(url, email, PASSWORD)
    change = {"current_password": PASSWORD, "new_password": "another long pass phrase"}

    assert person.api.post("/api/v1/auth/password/change", change).status_code == 204

    for path in CLOSED[:3]:
        eventually(lambda path=path: person.api.get(path).status_code, 401)  # type: ignore[misc]
