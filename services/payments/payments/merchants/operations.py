"""What can be done with merchants."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from payments.merchants.models import Merchant
from payments.merchants.queries import page_of_merchants
from payments.messages import outgoing
from shared.db import unit_of_work
from shared.ids import new_id
from shared.messaging.lanes import Lane, in_lane
from shared.messaging.outbox import publish

PAGE = 500


def create_merchant(*, name: str, at: datetime) -> Merchant:
    """Create a merchant, who can be paid from now on."""
    with unit_of_work():
        merchant = Merchant.objects.create(id=new_id(), name=name, created_at=at)
        publish([outgoing.merchant_created(merchant)], at=at)
    return merchant


def republish_merchants(*, after: UUID | None = None, at: datetime) -> Iterator[tuple[int, UUID]]:
    """Publish `merchant_created` of each merchant with an id after `after`, for a service that did not listen then.

    Page by page in the order of their ids, each in a transaction of its own; yields how many a page had and its last
    id, from which a call that was broken off goes on. Consumers that know a merchant already change nothing.
    """
    while page := page_of_merchants(after=after, size=PAGE):
        with in_lane(Lane.BULK), unit_of_work():
            publish([outgoing.merchant_created(merchant) for merchant in page], at=at)
        after = page[-1].id
        yield len(page), after
