"""What is to be posted."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct, field

from points.ledger.rules.values.accounts import Known, Lot, Take
from points.ledger.rules.values.kinds import HoldState, Kind
from points.programmes.rules.expiry import LotEnd
from shared.ids import new_id


class Reversed(Struct, frozen=True):
    """What a reversal must know of the transaction it undoes; `spent` are the lots it took from, with how much.

    What comes back to a merged member may be passed on in the same list (`is_passed_on`), or is refused. `takes_ended`
    where points that have ended are taken back like any others, as if they had never been given.
    """

    transaction_id: UUID
    kind: Kind
    spent: tuple[Lot, ...] = ()
    is_passed_on: bool = False
    takes_ended: bool = False


class Activation(NamedTuple):
    """When an earning becomes available: at `due_at`, or at the event `on_event` before `due_at`."""

    due_at: datetime
    on_event: str = ""


class PendingMove(NamedTuple):
    """Which pending points a posting closes; `is_due` when their time has come, and nobody asked for it."""

    pending_id: UUID
    is_due: bool = False


class HoldMove(NamedTuple):
    """Which hold a posting closes, and as what."""

    hold_id: UUID
    to: HoldState


class MergePart(NamedTuple):
    """What a transfer of a merge moves beside points: so many of them are `waiting`; or it is a debt, paid or owed."""

    waiting: int = 0
    is_debt: bool = False


class ReturnPolicy(NamedTuple):
    """What becomes of the points that a return asks back and that were spent already: `pending_only` takes nothing
    that could be spent, `floor_zero` forgives the rest, and with `arrears` the rest is owed, up to a deficit of
    `cap` points in all (without a limit, when None); what is beyond is forgiven."""

    name: str
    cap: int | None = None


ARREARS = ReturnPolicy("arrears")


class ByRule(NamedTuple):
    """So many points that a rule of a version gave, or that a return asks back of what it gave."""

    id: str
    version: int
    points: int


class Posting(Struct, frozen=True, kw_only=True):
    """The request to move a member's points; `id` becomes the transaction's.

    `points` is positive, but signed for an adjustment. `lots` are the lots to expire, or those to take
    back from before any other (and what is pending of them); `known` is how the caller found those to expire. `policy`
    bounds what a return takes. `restores` are lots that get back what was spent of them, each with how much.
    `expires_at` is the end of the lot that opens (with its `expires_on`), or of the hold. `slides_to` is the end that
    the activity gives the member's other lots. `hold` is what a capture or release closes. `activates` makes an earning
    pending, and `pending` is what an activation or a cancellation closes, with all that is left of it. `merge` marks a
    transfer of a merge. `sent_as` is the source key of the posting, earlier in the list, whose points arrive.
    `rules` gave an earning's points, or those that a return asks back, where rules did; `merchant_id` is where.
    `source_key` names the cause: the same cause has one effect.
    """

    kind: Kind
    programme_id: UUID
    member_id: UUID
    points: int
    id: UUID = field(default_factory=new_id)
    reference: str = ""
    reason: str = ""
    source_key: str | None = None
    occurred_at: datetime | None = None
    expires_at: datetime | None = None
    expires_on: date | None = None
    slides_to: LotEnd | None = None
    lots: tuple[UUID, ...] = ()
    known: Known | None = None
    reverses: Reversed | None = None
    hold: HoldMove | None = None
    activates: Activation | None = None
    pending: PendingMove | None = None
    merge: MergePart | None = None
    policy: ReturnPolicy = ARREARS
    restores: tuple[Lot, ...] = ()
    sent_as: str | None = None
    brings: tuple[Take, ...] = ()
    rules: tuple[ByRule, ...] = ()
    merchant_id: UUID | None = None
    actor_id: UUID | None = None
    correlation_id: str = ""
    causation_id: str = ""
