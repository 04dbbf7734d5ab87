"""Where somebody is signed in, and how that ends: on one device, from another one, or everywhere."""

from uuid import uuid4

import pytest
from clients.api import Api, refused
from clients.auth import AUTH, Auth
from eventually import eventually
from forgeries import CLOSED
from people import PASSWORD, Person, new_member


@pytest.fixture
def email(url: str) -> str:
    """The address of somebody who has an account."""
    address = f"devices-{uuid4()}@example.com"
    Auth(Api(url)).register(address, PASSWORD)
    return address


@pytest.fixture
def phone(url: str, email: str) -> dict[str, str]:
    """The tokens of the first device."""
    return Auth(Api(url)).sign_in(email, PASSWORD)


@pytest.fixture
def laptop(url: str, email: str, phone: dict[str, str]) -> dict[str, str]:
    """The tokens of the second device."""
    return Auth(Api(url)).sign_in(email, PASSWORD)


def cannot_refresh(url: str, tokens: dict[str, str]) -> None:
    answer = Api(url).post(f"{AUTH}/token/refresh", {"refresh": tokens["refresh"]})
    refused(answer, 401, "sessions.refresh_token_invalid")


def test_signing_out_ends_one_device_and_leaves_the_other(
    url: str, phone: dict[str, str], laptop: dict[str, str]
) -> None:
    auth = Auth(Api(url, laptop["access"]))
    [second, first] = auth.sessions()

    Auth(Api(url)).sign_out(phone["refresh"])

    cannot_refresh(url, phone)
    assert auth.sessions() == [second]
    assert Auth(Api(url)).refresh(laptop["refresh"])["access"]
    assert first["id"] != second["id"]


def test_a_device_that_was_lost_is_ended_from_another_and_by_nobody_else(
    url: str, other_member: Person, phone: dict[str, str], laptop: dict[str, str]
) -> None:
    auth = Auth(Api(url, laptop["access"]))
    lost = auth.sessions()[-1]["id"]
    refused(other_member.api.send("DELETE", f"{AUTH}/sessions/{lost}"), 404)
    assert lost in [one["id"] for one in auth.sessions()]

    auth.end_session(lost)

    cannot_refresh(url, phone)
    assert lost not in [one["id"] for one in auth.sessions()]
    assert Auth(Api(url)).refresh(laptop["refresh"])["access"]


def test_signing_out_everywhere_closes_every_service_until_the_next_sign_in(
    url: str, email: str, phone: dict[str, str], laptop: dict[str, str]
) -> None:
    Auth(Api(url, laptop["access"])).end_all_sessions()

    for tokens in (phone, laptop):
        cannot_refresh(url, tokens)
        for path in CLOSED:
            eventually(lambda path=path, token=tokens["access"]: Api(url, token).get(path).status_code, 401)  # type: ignore[misc]
    again = Api(url, Auth(Api(url)).sign_in(email, PASSWORD)["access"])
    assert [again.get(path).status_code for path in CLOSED] == [200, 200, 200, 403]
    assert len(Auth(again).sessions()) == 1


def test_a_profile_has_the_name_that_its_owner_gives_it(url: str) -> None:
    member = new_member(url)

    changed = member.auth.rename("Grace")

    assert (changed["id"], changed["name"]) == (member.id, "Grace")
    assert member.auth.me() == changed
