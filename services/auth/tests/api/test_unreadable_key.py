"""The key that encrypts signing keys was changed: no token can be signed, and the answer says to come back."""

from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet

from identity.keys import access_tokens
from identity.sessions.models import RefreshToken
from shared.testing.proofs import nothing_written
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
BASE = "/api/v1/auth"


@pytest.fixture
def lose_the_key(settings):
    """Return what makes the stored signing keys unreadable, as a new process finds them."""

    def lose() -> None:
        settings.AUTH_KEY_ENCRYPTION_KEY = Fernet.generate_key().decode()
        access_tokens._backend.cache_clear()

    return lose


def refused(answer) -> bool:
    return (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "keys.unreadable", "1")


def test_nobody_signs_in(visitor, member_user, lose_the_key):
    signed_in(member_user)
    lose_the_key()

    assert refused(visitor.post(f"{BASE}/token", {"email": member_user.email, "password": PASSWORD}, format="json"))
    assert RefreshToken.objects.count() == 1


def test_a_refresh_token_is_not_spent(visitor, member_user, lose_the_key):
    secret = signed_in(member_user).refresh
    lose_the_key()

    with nothing_written():
        assert refused(visitor.post(f"{BASE}/token/refresh", {"refresh": secret}, format="json"))


def test_a_client_gets_no_token(visitor, operator, member_user, lose_the_key):
    signed_in(member_user)
    client = operator.post(f"{BASE}/clients", {"name": "Till"}).json()
    form = {"grant_type": "client_credentials", "client_id": client["id"], "client_secret": client["secret"]}
    lose_the_key()

    with nothing_written():
        answer = visitor.generic(
            "POST", f"{BASE}/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded"
        )

    assert refused(answer)
