import pytest

from shared.testing import roles
from shared.testing.proofs import nothing_written
from shared.testing.tokens import bad_tokens
from tests.api.paths import BASE, MANAGED

pytestmark = pytest.mark.django_db


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


def test_an_unknown_path_is_not_found(visitor):
    answer = visitor.get(f"{BASE}/nothing")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
