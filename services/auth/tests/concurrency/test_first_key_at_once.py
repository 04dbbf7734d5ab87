import pytest

from identity.keys.models import SigningKey
from identity.keys.operations import ensure_signing_key
from shared import clock
from shared.testing.proofs import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_processes_that_find_no_key_make_one():
    made = race(8, lambda _: ensure_signing_key(at=clock.machine_now()).kid)

    assert set(made) == {SigningKey.objects.get().kid}
