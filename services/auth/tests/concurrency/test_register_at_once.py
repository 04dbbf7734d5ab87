import pytest

from identity.users.models import AuditEntry, User, UserRole
from shared.contracts.auth import UserRegistered
from shared.testing.actors import anonymous
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_address_registered_twenty_times_at_once_makes_one_account():
    def register(number: int) -> int:
        body = {"email": "ADA@example.com" if number % 2 else "ada@example.com", "password": PASSWORD}
        return anonymous().post("/api/v1/auth/register", body, format="json").status_code

    statuses = race(20, register)

    assert sorted(statuses) == [201] + [409] * 19
    assert (User.objects.count(), UserRole.objects.count(), AuditEntry.objects.count()) == (1, 1, 1)
    assert len(published(UserRegistered)) == 1


def test_the_tables_are_empty_again_although_they_are_append_only():
    assert not AuditEntry.objects.exists()
