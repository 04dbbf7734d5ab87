from io import StringIO

import pytest
from django.core.management import call_command

from identity.users import operations, republishing
from shared import clock
from shared.contracts.auth import UserDeactivated, UserRegistered
from shared.messaging.models import OutboxMessage
from shared.testing.messages import told
from tests.factories import HERE, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(republishing, "PAGE", 2)


def republish(*options):
    out = StringIO()
    call_command("republish_users", *options, stdout=out)
    return out.getvalue().splitlines()


def test_everybody_is_published_once_in_the_order_of_their_ids_and_by_the_bulk_lane():
    users = [make_user() for _ in range(5)]

    said = republish()

    assert [message.user_id for message in told(UserRegistered)] == [user.id for user in users]
    assert [message.registered_at for message in told(UserRegistered)] == [user.created_at for user in users]
    assert said[-1] == "published 5 users"
    assert set(OutboxMessage.objects.values_list("is_bulk", "destination")) == {
        (True, "points"), (True, "payments"), (True, "warehouse")
    }  # fmt: skip


def test_who_was_deactivated_is_published_with_the_instant_of_the_audit():
    user, at = make_user(), clock.now()
    operations.deactivate(user_id=user.id, origin=HERE, at=at)
    operations.deactivate(user_id=user.id, origin=HERE, at=clock.now())

    republish()

    assert [(message.user_id, message.deactivated_at) for message in told(UserDeactivated)] == [(user.id, at)] * 2


def test_goes_on_after_the_id_that_an_earlier_run_said():
    users = [make_user() for _ in range(5)]
    (first, *_) = republish()
    (_, _, last_id) = first.rpartition(" ")
    OutboxMessage.objects.all().delete()

    republish("--after", last_id)

    assert [message.user_id for message in told(UserRegistered)] == [user.id for user in users[2:]]
