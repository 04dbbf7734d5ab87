"""An account as it is, with its lots, holds and pending points."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from points.ledger.rules.values.kinds import HoldState, PendingState


class Take(NamedTuple):
    """Points of a lot: taken from it in a plan; in a posted transaction signed, positive where the lot got them."""

    lot_id: UUID
    points: int
    expires_at: datetime | None
    expires_on: date | None = None


class Expiring(NamedTuple):
    """Points that end at one instant; `expires_on` is their last day before any grace, where it was reckoned."""

    expires_at: datetime
    points: int
    expires_on: date | None = None


class Lot(Struct, frozen=True):
    """Points that end together; `number` orders lots of the same end by age. `expires_on` is the last day that members
    are told, where the programme reckoned the end."""

    id: UUID
    remaining: int
    expires_at: datetime | None
    number: int
    expires_on: date | None = None


class Hold(Struct, frozen=True, kw_only=True):
    """Points set aside; it has the id of the transaction that did it. `lots` are those it took from, with how much,
    in the order of spending; of these the first `captured` points were spent and the rest came back."""

    id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    state: HoldState = HoldState.HELD
    captured: int = 0
    reference: str = ""
    expires_at: datetime
    created_at: datetime
    closed_at: datetime | None = None
    capture_id: UUID | None = None
    release_id: UUID | None = None
    lots: tuple[Lot, ...] = ()


class Pending(Struct, frozen=True, kw_only=True):
    """Points that were earned and cannot be spent yet; it has the id of the transaction that earned them.

    At `due_at` they are activated, or cancelled where `on_event` names what they wait for. `remaining` is what returns
    have left of them, `activated` how many became available. `expires_at` is the end their lot will have, the
    programme's where there is none.
    """

    id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    remaining: int
    activated: int = 0
    state: PendingState = PendingState.PENDING
    on_event: str = ""
    due_at: datetime
    expires_at: datetime | None = None
    reference: str = ""
    created_at: datetime
    closed_at: datetime | None = None
    closed_by: UUID | None = None


class Known(NamedTuple):
    """Lots as they were when their account had this version; they change only with it."""

    version: int
    lots: tuple[Lot, ...]


class Account(Struct, frozen=True):
    """An account as it is: its buckets, the number of its last entry, open lots in the order of spending, and the
    holds and pending points that matter to what is posted. Nothing is posted to one whose member was merged."""

    id: int
    programme_id: UUID
    member_id: UUID
    buckets: dict[str, int]
    version: int
    lots: tuple[Lot, ...] = ()
    holds: tuple[Hold, ...] = ()
    pending: tuple[Pending, ...] = ()
    merged_into: UUID | None = None
