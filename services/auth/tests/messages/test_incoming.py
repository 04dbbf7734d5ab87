from datetime import timedelta

import pytest

from shared import clock
from shared.contracts.auth import SessionsRevoked
from shared.testing.messages import deliver, envelope_of, examples_for, published
from shared.tokens.models import Revocation
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"


def test_every_example_that_comes_here_is_acted_on():
    for message in examples_for("auth"):
        assert deliver(message).failed == {}


def test_its_own_revocation_reaches_its_own_door(visitor, member, member_user):
    header = {"HTTP_AUTHORIZATION": f"Bearer {signed_in(member_user).access}"}
    assert visitor.get(ME, **header).status_code == 200
    visitor.delete("/api/v1/auth/sessions", **header)

    deliver(*published(SessionsRevoked))

    assert visitor.get(ME, **header).status_code == 401


def test_twice_has_the_effect_once(member_user):
    envelope = envelope_of(SessionsRevoked(user_id=member_user.id, not_before=clock.machine_now()))

    receipts = [deliver(envelope), deliver(envelope)]

    assert [receipt.done for receipt in receipts] == [[envelope.id], [envelope.id]]
    assert Revocation.objects.count() == 1


def test_an_older_one_that_comes_late_takes_nothing_back(member_user):
    now = clock.machine_now()
    deliver(SessionsRevoked(user_id=member_user.id, not_before=now))

    deliver(SessionsRevoked(user_id=member_user.id, not_before=now - timedelta(minutes=5)))

    assert Revocation.objects.get().not_before == now


def test_nobody_else_is_shut_out(visitor, member_user, other_user):
    other = signed_in(other_user).access

    deliver(SessionsRevoked(user_id=member_user.id, not_before=clock.machine_now()))

    assert visitor.get(ME, HTTP_AUTHORIZATION=f"Bearer {other}").status_code == 200
