"""Purchases and events as they are told to whoever follows them, whether or not they earn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class Bought(NamedTuple):
    """A purchase that a programme took: how much it comes to, in minor units, and of which merchant's order it is."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    occurred_at: datetime
    amount: int
    order: tuple[UUID, str] | None = None


class Happened(NamedTuple):
    """An event that a programme took, and what its data says."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    occurred_at: datetime
    name: str
    data: Mapping[str, Any]


class Left(NamedTuple):
    """A purchase or an event of which something came back: how much is left of what a purchase came to, nothing of an
    event; because of a return or a reversal. The programme is not known of each purchase."""

    id: UUID
    programme_id: UUID | None
    member_id: UUID
    left: int
    reference: UUID


Noted = Bought | Happened
