import pytest

from shared.testing import roles
from shared.testing.proofs import nothing_written
from shared.testing.tokens import bad_tokens
from tests.api.paths import BASE, MANAGED, OWN

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("method", "path"), [*OWN, *MANAGED])
def test_without_a_token_nothing_opens(visitor, method, path):
    with nothing_written():
        answer = visitor.generic(method, path)

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), MANAGED)
@pytest.mark.parametrize("role", ["member", "merchant", "analyst"])
def test_nobody_but_an_operator_manages(request, role, method, path):
    actor = request.getfixturevalue(role)

    with nothing_written():
        answer = actor._client().generic(method, path)

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.insufficient_scope")


@pytest.mark.parametrize("wrong", bad_tokens(roles.MEMBER))
def test_every_kind_of_bad_token_is_refused(visitor, member_user, wrong):
    token = bad_tokens(roles.MEMBER)[wrong]

    with nothing_written():
        answer = visitor.get(f"{BASE}/me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer  ", "nonsense"])
def test_another_kind_of_header_is_no_token(visitor, header):
    answer = visitor.get(f"{BASE}/me", HTTP_AUTHORIZATION=header)

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid_token")


@pytest.mark.parametrize("method", ["PUT", "TRACE"])
def test_a_method_that_no_path_has_is_refused(member, member_user, method):
    answer = member._client().generic(method, f"{BASE}/me")

    assert (answer.status_code, answer.json()["code"]) == (405, "request.method_not_allowed")


def test_an_unknown_path_is_not_found(visitor):
    answer = visitor.get(f"{BASE}/nothing")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
