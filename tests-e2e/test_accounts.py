"""An operator looks after people: finds them, gives and takes roles, shuts them out; the audit has all of it."""

from uuid import uuid4

import pytest
from clients.api import Api, refused
from clients.auth import AUTH, Auth
from clients.points import POINTS
from eventually import eventually
from forgeries import CLOSED
from people import PASSWORD, Person, signed_in


@pytest.fixture
def email() -> str:
    return f"person-{uuid4()}@example.com"


@pytest.fixture
def person(url: str, email: str) -> Person:
    """Somebody with an account."""
    Auth(Api(url)).register(email, PASSWORD)
    return signed_in(url, email, PASSWORD)


def test_a_role_opens_what_it_may_do_and_closes_it_when_it_is_taken(
    url: str, operator: Person, person: Person, email: str, member: Person, programme: str
) -> None:
    path = f"{POINTS}/members/{member.id}/balance"
    [found] = operator.auth.users(search=email)
    assert found == operator.auth.user(person.id)
    assert (found["id"], found["roles"]) == (person.id, ["member"])
    assert "points:read-any" in person.auth.scopes("support")
    refused(person.api.get(path), 404)

    operator.auth.grant(person.id, "support")
    helper = signed_in(url, email, PASSWORD)
    assert helper.api.get(path).status_code == 200
    assert person.id in [one["id"] for one in operator.auth.users(role="support")]

    operator.auth.take_role(person.id, "support")
    eventually(lambda: helper.api.get(path).status_code, 401)
    refused(signed_in(url, email, PASSWORD).api.get(path), 404)
    assert operator.auth.user(person.id)["roles"] == ["member"]
    audit = [(one["event"], one["actor_id"]) for one in operator.auth.audit(subject_id=person.id)]
    assert [one for one in audit if one[0].startswith("role.")] == [
        ("role.revoked", operator.id),
        ("role.granted", operator.id),
    ]


def test_who_is_deactivated_is_out_of_every_service_and_does_not_come_back(
    url: str, operator: Person, person: Person, email: str
) -> None:
    tokens = Auth(Api(url)).sign_in(email, PASSWORD)

    assert operator.auth.deactivate(person.id)["is_active"] is False

    for path in CLOSED:
        eventually(lambda path=path: person.api.get(path).status_code, 401)  # type: ignore[misc]
    refused(Api(url).post(f"{AUTH}/token/refresh", {"refresh": tokens["refresh"]}), 401)
    again = Api(url).post(f"{AUTH}/token", {"email": email, "password": PASSWORD})
    refused(again, 401, "sessions.sign_in_refused")
    [audit] = operator.auth.audit(subject_id=person.id, event="user.deactivated")
    assert audit["actor_id"] == operator.id
    # Each process learns of it within a second, and auth has several.
    eventually(lambda: person.api.get(f"{AUTH}/audit").status_code, 401)
