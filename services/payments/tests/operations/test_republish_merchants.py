from io import StringIO

import pytest
from django.core.management import call_command

from payments.merchants import operations
from shared import clock
from shared.contracts.payments import MerchantCreated
from shared.messaging.models import OutboxMessage
from shared.testing.messages import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "PAGE", 2)


def republish(*options: str) -> list[str]:
    out = StringIO()
    call_command("republish_merchants", *options, stdout=out)
    return out.getvalue().splitlines()


def test_every_merchant_is_published_once_more_and_a_run_goes_on_after_an_id() -> None:
    made = [operations.create_merchant(name=f"Shop {number}", at=clock.now()) for number in range(5)]
    OutboxMessage.objects.all().delete()

    first, *_, last = republish()

    assert [(one.merchant_id, one.name) for one in published(MerchantCreated)] == [(one.id, one.name) for one in made]
    assert last == "published 5 merchants"
    assert set(OutboxMessage.objects.values_list("is_bulk", "destination")) == {(True, "auth"), (True, "warehouse")}

    OutboxMessage.objects.all().delete()
    republish("--after", first.rpartition(" ")[2])
    assert [one.merchant_id for one in published(MerchantCreated)] == [one.id for one in made[2:]]
