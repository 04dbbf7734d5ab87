from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from identity.users import operations, republishing
from identity.users.models import User
from shared import clock
from shared.contracts.auth import MerchantStaffChanged, UserDeactivated, UserRegistered
from shared.messaging.models import OutboxMessage
from shared.testing.messages import published
from shared.testing.roles import MERCHANT
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

    assert [message.user_id for message in published(UserRegistered)] == [user.id for user in users]
    assert [message.registered_at for message in published(UserRegistered)] == [user.created_at for user in users]
    assert said[-1] == "published 5 users"
    assert set(OutboxMessage.objects.values_list("is_bulk", "destination")) == {
        (True, "points"), (True, "payments"), (True, "warehouse")
    }  # fmt: skip


def test_who_was_deactivated_is_published_with_the_instant_at_which_that_was():
    user, at, machine_at = make_user(), clock.now() + timedelta(days=40), clock.machine_now()
    operations.deactivate(user_id=user.id, origin=HERE, at=at, machine_at=machine_at)
    operations.deactivate(user_id=user.id, origin=HERE, at=at + timedelta(days=1), machine_at=machine_at)

    republish()

    assert [(message.user_id, message.deactivated_at) for message in published(UserDeactivated)] == [(user.id, at)] * 2


def test_who_works_or_worked_for_a_merchant_is_published_with_the_version_that_others_know():
    from_before, left, _ = make_user(MERCHANT), make_user(), make_user()
    User.objects.filter(id=left.id).update(merchant_version=2)

    republish()

    said = {one.user_id: (one.merchant_id, one.version) for one in published(MerchantStaffChanged)}
    assert said == {from_before.id: (MERCHANT.merchant_id, 0), left.id: (None, 2)}


def test_goes_on_after_the_id_that_an_earlier_run_said():
    users = [make_user() for _ in range(5)]
    (first, *_) = republish()
    (_, _, last_id) = first.rpartition(" ")
    OutboxMessage.objects.all().delete()

    republish("--after", last_id)

    assert [message.user_id for message in published(UserRegistered)] == [user.id for user in users[2:]]
