import pytest

from identity.clients.models import ClientSecret
from shared.testing.proofs import race

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/auth/clients"


def test_a_client_never_gets_a_third_secret(operator):
    client_id = operator.post(PATH, {"name": "Till", "scopes": []}).json()["id"]

    statuses = race(6, lambda _: operator.post(f"{PATH}/{client_id}/secrets").status_code)

    assert sorted(statuses) == [201] + [409] * 5
    assert ClientSecret.objects.count() == 2
