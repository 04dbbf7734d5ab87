"""Reads of merchants."""

from uuid import UUID

from django.db.models import QuerySet

from payments.merchants.models import Merchant
from shared.callers import Caller
from shared.errors import NotFound


def visible_merchants(caller: Caller) -> QuerySet[Merchant]:
    """Return the merchants a caller may see: a merchant itself only, the others every one."""
    merchants = Merchant.objects.all()
    return merchants.filter(id=caller.merchant_id) if caller.merchant_id else merchants


def merchant_by_id(caller: Caller, merchant_id: UUID) -> Merchant:
    """Return a merchant.

    :raises NotFound: there is none, or another merchant asks.
    """
    if merchant := visible_merchants(caller).filter(id=merchant_id).first():
        return merchant
    raise NotFound()


def page_of_merchants(*, after: UUID | None, size: int) -> list[Merchant]:
    """Return the first merchants after an id, in the order of their ids."""
    found = Merchant.objects.order_by("id")
    return list((found.filter(id__gt=after) if after else found)[:size])
