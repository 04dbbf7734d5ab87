import json

import pytest

from shared.testing import roles
from shared.testing.actors import anonymous
from shared.testing.proofs import nothing_written
from shared.testing.tokens import token_of
from tests.api.paths import WITH_BODY

pytestmark = pytest.mark.django_db

MALFORMED = {
    "no JSON": b"{",
    "empty": b"",
    "not UTF-8": b'{"email": "\xff"}',
    "NaN": b'{"email": NaN}',
    "a member twice": b'{"email": "a@example.com", "email": "b@example.com"}',
    "nested too deep": b'{"email": ' + b"[" * 40 + b"]" * 40 + b"}",
    "hopelessly deep": b"[" * 30_000,
}
NO_OBJECT = [b"[]", b"null", b'"text"', b"1", b"true"]
TYPES = [None, 1, True, [], {}, 1.5]


def send(method: str, path: str, body: bytes, content_type: str = "application/json"):
    client = anonymous()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(roles.OPERATOR)}")
    return client.generic(method, path, body, content_type=content_type)


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize("wrong", MALFORMED)
def test_a_malformed_body_is_refused(operator_user, method, path, wrong):
    with nothing_written():
        answer = send(method, path, MALFORMED[wrong])

    assert answer.status_code == 400
    assert answer.json()["code"] in ("request.malformed", "request.invalid")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize("body", NO_OBJECT)
def test_a_body_that_is_no_object_is_refused(operator_user, method, path, body):
    with nothing_written():
        answer = send(method, path, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_an_unknown_member_is_refused_by_name(operator_user, method, path):
    with nothing_written():
        answer = send(method, path, b'{"is_admin": true}')

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "is_admin", "code": "unknown", "detail": "Unknown field."}]


@pytest.mark.parametrize("value", TYPES)
@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("register", {"email": "new@example.com", "password": "a long and rather odd phrase", "name": "Ada"}),
        ("token", {"email": "new@example.com", "password": "a long and rather odd phrase"}),
        ("token/refresh", {"refresh": "abc"}),
        ("token/revoke", {"refresh": "abc"}),
        ("password/change", {"current_password": "x", "new_password": "a long and rather odd phrase"}),
    ],
)
def test_a_member_of_another_type_is_refused_and_named(operator_user, path, good, value):
    for name in good:
        with nothing_written():
            answer = send("POST", f"/api/v1/auth/{path}", json.dumps({**good, name: value}).encode())

        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == [name]
