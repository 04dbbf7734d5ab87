import pytest

from identity.users.models import UserRole
from shared.testing.proofs import race
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def active_admins() -> int:
    return UserRole.objects.filter(role="admin", user__is_active=True).count()


def test_two_admins_take_the_role_from_each_other_and_one_stays(operator):
    admins = [make_user(roles=("admin",)) for _ in range(2)]

    def revoke(number: int) -> int:
        return operator.delete(f"/api/v1/auth/users/{admins[number].id}/roles/admin").status_code

    assert sorted(race(2, revoke)) == [204, 409]
    assert active_admins() == 1


def test_four_admins_are_deactivated_or_lose_the_role_at_once_and_one_stays(operator):
    admins = [make_user(roles=("admin",)) for _ in range(4)]

    def remove(number: int) -> int:
        path = f"/api/v1/auth/users/{admins[number].id}"
        if number % 2:
            return operator.post(f"{path}/deactivate").status_code
        return operator.delete(f"{path}/roles/admin").status_code

    assert sorted(status // 100 for status in race(4, remove)) == [2, 2, 2, 4]
    assert active_admins() == 1
