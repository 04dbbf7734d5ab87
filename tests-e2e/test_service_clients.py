"""A merchant's system changes its secret without a gap, is shut out, and finds the keys that check tokens."""

from typing import Any

import jwt
import pytest
from clients.api import Api, ok, refused
from clients.auth import AUTH, Auth
from clients.payments import MERCHANTS
from eventually import eventually
from people import Person

FORM = {"grant_type": "client_credentials"}


@pytest.fixture
def client(operator: Person) -> dict[str, str]:
    """The client of a new merchant's system."""
    shop = operator.payments.make_merchant("A shop with a system")
    return operator.auth.make_client("the shop's system", shop["id"])


def asks(url: str, client_id: str, secret: str) -> int:
    """Return the status of a request for a token."""
    return Api(url).send("POST", f"{AUTH}/oauth/token", data=FORM, auth=(client_id, secret)).status_code


def test_a_secret_is_changed_without_a_gap(url: str, operator: Person, client: dict[str, str]) -> None:
    [old] = _listed(operator, client["id"])["secrets"]

    new = operator.auth.add_secret(client["id"])
    assert [asks(url, client["id"], secret) for secret in (client["secret"], new["secret"])] == [200, 200]
    refused(operator.api.post(f"{AUTH}/clients/{client['id']}/secrets"), 409, "clients.too_many_secrets")
    operator.auth.remove_secret(client["id"], old["id"])

    assert [asks(url, client["id"], secret) for secret in (client["secret"], new["secret"])] == [401, 200]
    assert [one["id"] for one in _listed(operator, client["id"])["secrets"]] == [new["id"]]


def test_a_client_that_is_deactivated_gets_no_token_and_its_last_one_is_refused(
    url: str, operator: Person, client: dict[str, str]
) -> None:
    system = Api(url, Auth(Api(url)).client_token(client["id"], client["secret"]))
    [shop] = system.listed(MERCHANTS)
    assert ok(system.get(f"{MERCHANTS}/{shop['id']}")) == shop
    assert shop["id"] == client["merchant_id"]

    assert operator.auth.deactivate_client(client["id"])["is_active"] is False

    assert asks(url, client["id"], client["secret"]) == 401
    eventually(lambda: system.get(MERCHANTS).status_code, 401)
    assert _listed(operator, client["id"])["is_active"] is False


def test_whoever_is_shown_a_token_finds_the_key_that_checks_it(url: str, member: Person) -> None:
    document = ok(Api(url).get("/.well-known/openid-configuration"))
    keys = {key["kid"]: key for key in ok(Api(url).get(document["jwks_uri"]))["keys"]}
    key = jwt.PyJWK(keys[jwt.get_unverified_header(member.api.token)["kid"]])

    claims = jwt.decode(
        member.api.token, key, algorithms=["RS256"], issuer=document["issuer"], options={"verify_aud": False}
    )

    assert claims["sub"] == member.id


def _listed(operator: Person, client_id: str) -> dict[str, Any]:
    return next(one for one in operator.auth.clients() if one["id"] == client_id)
