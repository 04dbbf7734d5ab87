import base64
from urllib.parse import urlencode

import jwt
import pytest

from identity.clients.models import ClientSecret, ServiceClient
from identity.keys.operations import ensure_signing_key
from identity.users.models import AuditEntry
from shared import clock
from shared.ids import new_id
from shared.testing.actors import anonymous
from shared.testing.proofs import nothing_written
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/oauth/token"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def till(operator):
    # Before the operator's request makes this process read the keys, which it does once a second at most.
    ensure_signing_key(at=clock.machine_now())
    body = {"name": "Till", "scopes": ["points:earn", "reports:read"]}
    return operator.post("/api/v1/auth/clients", body).json()


def ask(form, *, basic=None):
    headers = {}
    if basic:
        headers["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    return anonymous().generic("POST", PATH, body, content_type=FORM, **headers)


GRANT = {"grant_type": "client_credentials"}


def test_gives_a_token_by_http_basic(till):
    answer = ask(GRANT, basic=(till["id"], till["secret"]))

    body = answer.json()
    assert answer.status_code == 200
    assert {name: body[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "points:earn reports:read",
    }
    assert answer["Cache-Control"] == "no-store"


def test_gives_a_token_by_the_form(till):
    assert ask({**GRANT, "client_id": till["id"], "client_secret": till["secret"]}).status_code == 200


def test_the_token_is_the_clients_own(till):
    access = ask(GRANT, basic=(till["id"], till["secret"])).json()["access_token"]

    claims = jwt.decode(access, options={"verify_signature": False})
    assert (claims["sub"], claims["roles"], claims["token_use"]) == (till["id"], ["service"], "access")
    assert claims["exp"] - claims["iat"] == 600


def test_the_token_opens_what_its_scopes_say(till):
    access = ask(GRANT, basic=(till["id"], till["secret"])).json()["access_token"]
    header = {"HTTP_AUTHORIZATION": f"Bearer {access}"}

    assert anonymous().get("/api/v1/auth/roles", **header).status_code == 200
    assert anonymous().get("/api/v1/auth/me", **header).status_code == 404
    assert anonymous().get("/api/v1/auth/users", **header).status_code == 403


def test_fewer_scopes_can_be_asked_for(till):
    answer = ask({**GRANT, "scope": "reports:read"}, basic=(till["id"], till["secret"]))

    assert answer.json()["scope"] == "reports:read"


def test_a_merchants_token_names_the_merchant(operator):
    merchant_id = make_merchant()
    shop = operator.post("/api/v1/auth/clients", {"name": "Shop", "merchant_id": merchant_id}).json()

    access = ask(GRANT, basic=(shop["id"], shop["secret"])).json()["access_token"]

    assert jwt.decode(access, options={"verify_signature": False})["merchant_id"] == merchant_id


def test_both_secrets_are_good_until_one_is_removed(operator, till):
    second = operator.post(f"/api/v1/auth/clients/{till['id']}/secrets").json()
    assert ask(GRANT, basic=(till["id"], second["secret"])).status_code == 200
    assert ask(GRANT, basic=(till["id"], till["secret"])).status_code == 200

    operator.delete(f"/api/v1/auth/clients/{till['id']}/secrets/{till['secrets'][0]['id']}")

    assert ask(GRANT, basic=(till["id"], till["secret"])).status_code == 401
    assert ask(GRANT, basic=(till["id"], second["secret"])).status_code == 200


def test_the_last_use_is_known(till):
    ask(GRANT, basic=(till["id"], till["secret"]))

    assert ClientSecret.objects.get().last_used_at is not None
    assert ServiceClient.objects.get().tokens_issued_at is not None


def test_unknown_client_wrong_secret_and_deactivated_client_get_the_same_answer(operator, till):
    other = operator.post("/api/v1/auth/clients", {"name": "Old", "scopes": []}).json()
    operator.post(f"/api/v1/auth/clients/{other['id']}/deactivate")

    answers = [
        ask(GRANT, basic=(str(new_id()), "secret")),
        ask(GRANT, basic=(till["id"], "secret")),
        ask(GRANT, basic=(other["id"], other["secret"])),
        ask(GRANT, basic=("no id", "secret")),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer["WWW-Authenticate"].startswith("Basic")
        assert answer["Content-Type"] == "application/problem+json"


def test_a_refusal_is_in_the_audit(till):
    ask(GRANT, basic=(till["id"], "wrong"))

    assert str(AuditEntry.objects.get(event="client.token_refused").subject_id) == till["id"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({**GRANT, "scope": "users:manage"}, "invalid_scope"),
        ({**GRANT, "scope": "points:earn users:manage"}, "invalid_scope"),
        ({**GRANT, "client_id": "x", "client_secret": "y"}, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=password", "invalid_request"),
        (b"grant_type=client_credentials&scope=%00", "invalid_request"),
        (b"grant_type=\xff", "invalid_request"),
    ],
)
def test_a_bad_request_is_refused_as_the_rfc_says(till, form, error):
    with nothing_written():
        answer = ask(form, basic=(till["id"], till["secret"]))

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_without_a_client_the_request_is_refused(till):
    with nothing_written():
        assert ask(GRANT).json()["error"] == "invalid_request"


def test_json_is_not_a_form(till):
    answer = anonymous().post(PATH, GRANT, format="json")

    assert (answer.status_code, answer.json()["code"]) == (415, "request.unsupported_media_type")


def test_a_form_beyond_8_kib_is_refused(till):
    assert ask(b"grant_type=" + b"a" * 9000).status_code == 413


def test_parameters_it_does_not_know_are_ignored(till):
    assert ask({**GRANT, "audience": "x"}, basic=(till["id"], till["secret"])).status_code == 200
