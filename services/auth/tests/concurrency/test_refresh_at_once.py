import pytest

from identity.sessions.models import RefreshToken, Session
from shared.testing.actors import anonymous
from shared.testing.proofs import race
from tests.factories import make_user, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_refresh_token_sent_eight_times_at_once_gives_one_pair():
    secret = signed_in(make_user()).refresh

    def refresh(_: int) -> int:
        answer = anonymous().post("/api/v1/auth/token/refresh", {"refresh": secret}, format="json")
        return answer.status_code

    statuses = race(8, refresh)

    # 409 for a twin that had arrived before the winner spent the token, 401 for one that came after.
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 401, 409}
    assert RefreshToken.objects.count() == 2
    assert RefreshToken.objects.filter(spent_at__isnull=True).count() == 1
    ended = Session.objects.get().ended_at is not None
    assert ended == (401 in statuses)


def test_eight_sessions_of_one_user_refresh_at_once_without_a_refusal():
    user = make_user()
    secrets = [signed_in(user).refresh for _ in range(8)]

    def refresh(number: int) -> int:
        answer = anonymous().post("/api/v1/auth/token/refresh", {"refresh": secrets[number]}, format="json")
        return answer.status_code

    assert race(8, refresh) == [200] * 8
