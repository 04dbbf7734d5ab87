import pytest

from shared.testing import roles
from shared.testing.actors import anonymous
from shared.testing.proofs import nothing_written
from shared.testing.tokens import bad_tokens
from tests.api.paths import CLOSED, OPEN, SOME_ID, WALLETS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("method", "path", "role"), CLOSED)
def test_without_a_token_nothing_opens(method, path, role):
    with nothing_written():
        answer = anonymous().generic(method, path)

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")


@pytest.mark.parametrize(("method", "path", "role"), CLOSED)
def test_a_token_without_the_scope_opens_nothing(request, method, path, role):
    actor = request.getfixturevalue(role)

    with nothing_written():
        answer = actor.get(path) if method == "GET" else actor.post(path)

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.insufficient_scope")


@pytest.mark.parametrize("wrong", bad_tokens(roles.MEMBER))
def test_every_kind_of_bad_token_is_refused(wrong):
    with nothing_written():
        answer = anonymous().get(WALLETS, HTTP_AUTHORIZATION=f"Bearer {bad_tokens(roles.MEMBER)[wrong]}")

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.invalid_token")


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_what_is_public_needs_no_token(method, path):
    assert anonymous().generic(method, path).status_code == 200


def test_what_is_absent_is_not_found(member, merchant):
    for path in (f"{WALLETS}/{SOME_ID}", f"/api/v1/payments/intents/{SOME_ID}", f"/api/v1/payments/refunds/{SOME_ID}"):
        assert (member.get(path).status_code, member.get(path).json()["code"]) == (404, "not_found")
    assert merchant.get(f"/api/v1/merchants/{SOME_ID}").status_code == 404
