"""What can be done with merchants."""

from datetime import datetime

from payments.merchants.models import Merchant
from payments.messages import outgoing
from shared.db import unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import tell


def create_merchant(*, name: str, at: datetime) -> Merchant:
    """Create a merchant, who can be paid from now on."""
    with unit_of_work():
        merchant = Merchant.objects.create(id=new_id(), name=name, created_at=at)
        tell([outgoing.merchant_created(merchant)], at=at)
    return merchant
