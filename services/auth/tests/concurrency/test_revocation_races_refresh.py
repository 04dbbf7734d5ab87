from datetime import datetime
from typing import Any

import jwt
import pytest

from identity.users.models import User
from shared.contracts.auth import SessionsRevoked
from shared.testing.actors import anonymous
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.factories import make_user, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_deactivation_covers_every_token_that_was_issued_while_it_ran(operator):
    user = make_user()
    secrets = [signed_in(user).refresh for _ in range(6)]

    def act(number: int) -> Any:
        if number == 6:
            return operator.post(f"/api/v1/auth/users/{user.id}/deactivate").status_code
        answer = anonymous().post("/api/v1/auth/token/refresh", {"refresh": secrets[number]}, format="json")
        return answer.json().get("access")

    results = race(7, act)

    [message] = published(SessionsRevoked)
    issued = [jwt.decode(token, options={"verify_signature": False})["iat"] for token in results[:6] if token]
    assert results[6] == 200
    assert not User.objects.get().is_active
    assert all(iat <= int(datetime.timestamp(message.not_before)) for iat in issued)
