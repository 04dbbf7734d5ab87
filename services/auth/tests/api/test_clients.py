import pytest

from identity.clients.models import ClientSecret, ServiceClient
from identity.users.models import AuditEntry
from shared.contracts.auth import SessionsRevoked
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/clients"
GOOD = {"name": "Till", "scopes": ["points:earn", "reports:read"]}


@pytest.fixture
def client_id(operator):
    return operator.post(PATH, GOOD).json()["id"]


def test_makes_a_client_and_shows_its_secret_once(operator):
    answer = operator.post(PATH, GOOD)

    body = answer.json()
    assert answer.status_code == 201
    assert (body["name"], body["scopes"], body["merchant_id"]) == ("Till", ["points:earn", "reports:read"], None)
    assert len(body["secret"]) == 43
    assert body["secret"] not in operator.get(PATH).content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_the_secret_is_kept_as_a_digest_only(operator):
    operator.post(PATH, GOOD)

    assert len(bytes(ClientSecret.objects.get().digest)) == 32


def test_only_a_program_may_pay_in_a_members_name(operator):
    made = operator.post(PATH, {"name": "Backend", "scopes": ["payments:write", "payments:write-any"]}).json()

    assert made["scopes"] == ["payments:write", "payments:write-any"]
    assert b"payments:write-any" not in operator.get("/api/v1/auth/roles").content


def test_a_merchants_client_gets_a_merchants_scopes(operator):
    body = operator.post(PATH, {"name": "Shop", "merchant_id": make_merchant()}).json()

    assert body["scopes"] == [
        "merchants:read",
        "payments:read",
        "payments:refund",
        "purchases:write",
        "vouchers:redeem",
    ]


@pytest.mark.parametrize("scope", ["payments:create", "members:write"])
def test_what_only_a_program_of_a_merchant_may_it_may_only_if_that_is_asked_for(operator, scope):
    mine = {"name": "Shop", "merchant_id": make_merchant(), "scopes": [scope, "payments:read"]}

    made = operator.post(PATH, mine).json()
    with nothing_written():
        refused = [
            operator.post(PATH, {"name": "Backend", "scopes": [scope]}),
            operator.post(PATH, mine | {"scopes": [scope, "payments:write-any"]}),
        ]

    assert made["scopes"] == sorted([scope, "payments:read"])
    assert [answer.json()["code"] for answer in refused] == ["clients.scope_not_allowed"] * 2
    assert scope.encode() not in operator.get("/api/v1/auth/roles").content


def test_is_in_the_audit(operator):
    operator.post(PATH, GOOD)

    entry = AuditEntry.objects.get(event="client.created")
    assert (entry.actor_id, entry.subject_id) == (operator.id, ServiceClient.objects.get().id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scopes": ["points:everything"]}, "clients.scope_not_allowed"),
        ({"scopes": ["users:manage"]}, "clients.scope_not_allowed"),
        ({"scopes": ["points:earn"], "merchant_id": str(new_id())}, "clients.scope_not_allowed"),
        ({"scopes": "points:earn"}, "request.invalid"),
        ({"scopes": ["x" * 65]}, "request.invalid"),
        ({"scopes": ["points:earn"] * 51}, "request.invalid"),
        ({"scopes": [None]}, "request.invalid"),
        ({"name": ""}, "request.invalid"),
        ({"name": "N" * 101}, "request.invalid"),
        ({"merchant_id": "x"}, "request.invalid"),
        ({"secret": "mine"}, "request.invalid"),
    ],
)
def test_a_bad_body_is_refused(operator, change, code):
    with nothing_written():
        answer = operator.post(PATH, {**GOOD, **change})

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_lists_them_newest_first_in_as_many_statements_as_for_one(operator, django_assert_num_queries):
    for number in range(4):
        operator.post(PATH, {**GOOD, "name": f"Till {number}"})

    with django_assert_num_queries(2):
        names = [row["name"] for row in operator.get(PATH).json()["results"]]

    assert names == ["Till 3", "Till 2", "Till 1", "Till 0"]


def test_a_client_has_two_secrets_at_most(operator, client_id):
    assert operator.post(f"{PATH}/{client_id}/secrets").status_code == 201

    with nothing_written():
        answer = operator.post(f"{PATH}/{client_id}/secrets")

    assert (answer.status_code, answer.json()["code"]) == (409, "clients.too_many_secrets")


def test_a_secret_can_be_removed(operator, client_id):
    second = operator.post(f"{PATH}/{client_id}/secrets").json()["id"]

    assert operator.delete(f"{PATH}/{client_id}/secrets/{second}").status_code == 204
    assert operator.delete(f"{PATH}/{client_id}/secrets/{second}").status_code == 404
    assert ClientSecret.objects.count() == 1


def test_another_clients_secret_is_not_found(operator, client_id):
    secret = operator.post(PATH, GOOD).json()["secrets"][0]["id"]

    with nothing_written():
        assert operator.delete(f"{PATH}/{client_id}/secrets/{secret}").status_code == 404


def test_a_deactivated_client_is_shut_out_for_good(operator, client_id):
    answer = operator.post(f"{PATH}/{client_id}/deactivate")

    assert (answer.status_code, answer.json()["is_active"], answer.json()["secrets"]) == (200, False, [])
    assert [str(message.user_id) for message in published(SessionsRevoked)] == [client_id]
    assert operator.post(f"{PATH}/{client_id}/secrets").status_code == 409


def test_an_unknown_client_is_not_found(operator):
    assert operator.post(f"{PATH}/{new_id()}/secrets").status_code == 404
    assert operator.post(f"{PATH}/{new_id()}/deactivate").status_code == 404


def test_no_program_works_for_a_merchant_who_does_not_exist(operator):
    with nothing_written():
        answer = operator.post(PATH, {"name": "Shop", "merchant_id": str(new_id())})

    assert (answer.status_code, answer.json()["code"]) == (409, "users.merchant_unknown")
    assert answer["Retry-After"] == "1"
