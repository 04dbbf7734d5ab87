from datetime import timedelta
from unittest.mock import Mock

import jwt
import pytest
from django.db import OperationalError, connection

from identity.keys.models import SigningKey
from identity.keys.operations import rotate
from shared import clock
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

JWKS = "/.well-known/jwks.json"


def test_the_first_question_makes_the_first_key(visitor):
    answer = visitor.get(JWKS)

    [key] = answer.json()["keys"]
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}
    assert (key["kty"], key["use"], key["alg"], key["kid"]) == ("RSA", "sig", "RS256", SigningKey.objects.get().kid)
    assert visitor.get(JWKS).json() == answer.json()


def test_caches_may_keep_it_for_a_minute(visitor):
    assert visitor.get(JWKS)["Cache-Control"] == "public, max-age=60"


def test_a_token_can_be_checked_with_it_by_anybody(visitor, member_user):
    access = signed_in(member_user).access

    keys = jwt.PyJWKSet.from_dict(visitor.get(JWKS).json())

    key = keys[jwt.get_unverified_header(access)["kid"]]
    claims = jwt.decode(access, key, algorithms=["RS256"], audience="loyalty", issuer="loyalty-auth")
    assert claims["sub"] == str(member_user.id)


def test_the_next_key_is_there_before_it_signs(visitor, member_user):
    before = jwt.get_unverified_header(signed_in(member_user).access)["kid"]

    made = rotate(at=clock.machine_now())

    assert {key["kid"] for key in visitor.get(JWKS).json()["keys"]} == {before, made.kid}
    assert jwt.get_unverified_header(signed_in(member_user).access)["kid"] == before


def test_a_retired_key_is_gone(visitor):
    old = visitor.get(JWKS).json()["keys"][0]["kid"]
    rotate(at=clock.machine_now() - timedelta(minutes=16))

    kids = [key["kid"] for key in visitor.get(JWKS).json()["keys"]]

    assert old not in kids
    assert len(kids) == 1


def test_no_private_half_is_shown(visitor):
    assert not {"d", "p", "q", "dp", "dq", "qi"} & visitor.get(JWKS).json()["keys"][0].keys()


@pytest.mark.parametrize("host", ["testserver", "localhost:8000"])
def test_the_discovery_document_leads_to_keys_and_tokens_whatever_the_host(visitor, host):
    answer = visitor.get("/.well-known/openid-configuration", HTTP_HOST=host, HTTP_X_FORWARDED_HOST="evil.example")

    body = answer.json()
    assert answer.status_code == 200
    assert (body["issuer"], body["jwks_uri"], body["token_endpoint"]) == (
        "loyalty-auth",
        "http://localhost:8080/.well-known/jwks.json",
        "http://localhost:8080/api/v1/auth/oauth/token",
    )
    assert answer["Cache-Control"] == "public, max-age=60"


def test_the_discovery_document_does_not_wait_for_a_database_that_is_away(visitor, monkeypatch):
    monkeypatch.setattr(connection, "cursor", Mock(side_effect=OperationalError("away")))

    assert visitor.get("/.well-known/openid-configuration").status_code == 200
    answer = visitor.get(JWKS)
    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")


def test_nothing_can_be_written_there(visitor):
    assert visitor.post(JWKS).status_code == 405


@pytest.mark.parametrize("host", ["a_b'c", "evil.example"])
def test_a_host_that_is_none_of_ours_gets_no_addresses(visitor, settings, host):
    settings.ALLOWED_HOSTS = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    answer = visitor.get("/.well-known/openid-configuration", HTTP_HOST=host)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.malformed")
    assert answer["Cache-Control"] == "no-store"
