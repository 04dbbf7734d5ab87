"""Which merchants there are, as payments says: who works for one must work for one that exists."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from identity.users.errors import MerchantUnknown
from identity.users.models import KnownMerchant
from shared.db import columns, execute

_NOTE = """
INSERT INTO known_merchant (merchant_id, created_at)
SELECT DISTINCT ON (merchant_id) * FROM unnest(%s::uuid[], %s::timestamptz[]) AS said (merchant_id, created_at)
ORDER BY merchant_id ON CONFLICT DO NOTHING
"""


def note_merchants(said: Iterable[tuple[UUID, datetime]]) -> None:
    """Note that there are these merchants; again changes nothing."""
    execute(_NOTE, columns(said, 2))


def check_merchant(merchant_id: UUID) -> None:
    """Check that there is a merchant.

    :raises MerchantUnknown: there is none, or the word of it is still under way.
    """
    if not KnownMerchant.objects.filter(merchant_id=merchant_id).exists():
        raise MerchantUnknown(merchant_id=str(merchant_id))
