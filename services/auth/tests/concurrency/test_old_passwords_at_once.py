import pytest
from django.contrib.auth.hashers import make_password

from identity.sessions.models import Session
from identity.users.models import User
from shared.testing.actors import anonymous
from shared.testing.proofs import race
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

TYPED = "A\u030alesund og Tromsø"


def test_two_who_sign_in_by_a_password_from_before_both_get_in():
    user = make_user(email="ada@example.com")
    User.objects.filter(pk=user.pk).update(password=make_password(TYPED))
    body = {"email": "ada@example.com", "password": TYPED}

    statuses = race(4, lambda _: anonymous().post("/api/v1/auth/token", body, format="json").status_code)

    assert statuses == [200] * 4
    assert Session.objects.count() == 4
