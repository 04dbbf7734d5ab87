"""What points says. Points are whole numbers; `points` is how many moved, always positive unless it says signed."""

from datetime import date, datetime
from uuid import UUID

from shared.contracts.base import Contract, JobStep
from shared.contracts.rules import EarnedByRule


class ProgrammeChanged(Contract, frozen=True, kw_only=True):
    """A programme was made or changed; this is how it is now."""

    NAME = "programme_changed"
    PRODUCER = "points"

    programme_id: UUID
    name: str
    currency: str
    timezone: str
    value_points: int
    value_amount: int
    changed_at: datetime


class PointsPosted(Contract, frozen=True, kw_only=True):
    """The fields of every message about a movement of points.

    `change` is the signed change of the points that the member can spend or has set aside, so that a hold is no
    change and its capture is one; `balance` is what can be spent after it. `reference` names what it is about (a
    payment, a refund, a voucher). Not sent itself.
    """

    transaction_id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    change: int
    balance: int
    reference: str
    occurred_at: datetime
    posted_at: datetime


class PointsEarned(PointsPosted, frozen=True, kw_only=True):
    """A member earned points, in a lot that ends at `expires_at` (never, when null).

    `rules` gave them and add up to them; none did where the programme's plain terms, or a person, gave the points.
    `merchant_id` is where they were earned, as far as that is known.
    """

    NAME = "points_earned"
    PRODUCER = "points"

    expires_at: datetime | None
    rules: list[EarnedByRule] = []
    merchant_id: UUID | None = None


class PointsRedeemed(PointsPosted, frozen=True, kw_only=True):
    """A member spent points."""

    NAME = "points_redeemed"
    PRODUCER = "points"


class PointsExpired(PointsPosted, frozen=True, kw_only=True):
    """A member's points ended because their time passed."""

    NAME = "points_expired"
    PRODUCER = "points"


class PointsAdjusted(PointsPosted, frozen=True, kw_only=True):
    """An operator corrected a balance, or a transaction was reversed; `change` tells the direction.

    `rules` had given the points of an event that was taken back, and add up to `points`.
    """

    NAME = "points_adjusted"
    PRODUCER = "points"

    reason: str
    rules: list[EarnedByRule] = []
    merchant_id: UUID | None = None


class PointsReturned(PointsPosted, frozen=True, kw_only=True):
    """A refund took earned points back; `deficit` is the part that was spent already and is owed now.

    The part that was still pending is in `points` alone.

    Where points of a hold were released and paid what was owed, `deficit` is negative by as much.
    `rules` had given what was taken back of an earning by rules, and add up to `points`; where the programme forgave a
    part of it, each has its share of that.
    """

    NAME = "points_returned"
    PRODUCER = "points"

    deficit: int
    rules: list[EarnedByRule] = []
    merchant_id: UUID | None = None


class PointsRestored(PointsPosted, frozen=True, kw_only=True):
    """Points that had paid for a purchase came back with its return; those that paid what was owed are in `points`, not
    in `change`."""

    NAME = "points_restored"
    PRODUCER = "points"


class PointsSent(PointsPosted, frozen=True, kw_only=True):
    """A member gave points to another; `reference` names the transfer, which both sides have."""

    NAME = "points_sent"
    PRODUCER = "points"


class PointsReceived(PointsPosted, frozen=True, kw_only=True):
    """A member got points of another; those that paid what was owed are in `points`, not in `change`."""

    NAME = "points_received"
    PRODUCER = "points"


class PointsReinstated(PointsPosted, frozen=True, kw_only=True):
    """An operator gave back points that had ended, in a lot that ends at `expires_at` (never, when null).

    Those that paid what was owed are in `points`, not in `change`; `reference` names the expiry.
    """

    NAME = "points_reinstated"
    PRODUCER = "points"

    reason: str
    expires_at: datetime | None


class PointsExpiring(Contract, frozen=True, kw_only=True):
    """A member's points will end if they are not spent: `days` days before `expires_on`, their last day in the
    programme's time zone (fewer where it was told late). With a grace they can be spent until `expires_at`.

    Told once for each member, programme, end and number of days; nothing moved.
    """

    NAME = "points_expiring"
    PRODUCER = "points"

    notice_id: UUID
    programme_id: UUID
    member_id: UUID
    points: int
    days: int
    expires_on: date
    expires_at: datetime
    told_at: datetime


class PointsPending(PointsPosted, frozen=True, kw_only=True):
    """A member earned points that cannot be spent yet, so `change` is 0.

    At `due_at` they are activated; where they wait for `on_event`, cancelled. `rules` and `merchant_id` as of those
    earned at once.
    """

    NAME = "points_pending"
    PRODUCER = "points"

    due_at: datetime
    on_event: str
    rules: list[EarnedByRule] = []
    merchant_id: UUID | None = None


class PointsActivated(PointsPosted, frozen=True, kw_only=True):
    """Pending points can be spent now, until `expires_at` (for ever, when null).

    `pending_id` is the transaction that earned them; those that paid what was owed are in `points`, not in `change`.
    """

    NAME = "points_activated"
    PRODUCER = "points"

    pending_id: UUID
    expires_at: datetime | None


class PointsCancelled(PointsPosted, frozen=True, kw_only=True):
    """Pending points will never be available; `change` is 0, and `pending_id` the transaction that earned them."""

    NAME = "points_cancelled"
    PRODUCER = "points"

    pending_id: UUID
    reason: str


class GenerateCodes(JobStep, frozen=True, kw_only=True):
    """Points asks itself to make the next chunk of a code job; each chunk asks for the one after it.

    So a job survives any kill: the chunk and the request for the next one commit together.
    """

    NAME = "generate_codes"
    PRODUCER = "points"

    job_id: UUID
    chunk: int


class ImportRows(JobStep, frozen=True, kw_only=True):
    """Points asks itself to do the next chunk of an import's rows; each chunk asks for the one after it.

    So an import survives any kill: the chunk and the request for the next one commit together.
    """

    NAME = "import_rows"
    PRODUCER = "points"

    import_id: UUID
    step: int


class ExpireLots(JobStep, frozen=True, kw_only=True):
    """Points asks itself to do the next chunk of an expiry run; each chunk asks for the one after it.

    So a run survives any kill: the chunk and the request for the next one commit together.
    """

    NAME = "expire_lots"
    PRODUCER = "points"

    run_id: UUID
    chunk: int
