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


class VoucherCampaignChanged(Contract, frozen=True, kw_only=True):
    """A voucher campaign was made or changed; this is how it is now."""

    NAME = "voucher_campaign_changed"
    PRODUCER = "points"

    campaign_id: UUID
    name: str
    kind: str
    status: str
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
    """

    NAME = "points_earned"
    PRODUCER = "points"

    expires_at: datetime | None
    rules: list[EarnedByRule] = []


class PointsRedeemed(PointsPosted, frozen=True, kw_only=True):
    """A member spent points."""

    NAME = "points_redeemed"
    PRODUCER = "points"


class PointsExpired(PointsPosted, frozen=True, kw_only=True):
    """A member's points ended because their time passed."""

    NAME = "points_expired"
    PRODUCER = "points"


class PointsAdjusted(PointsPosted, frozen=True, kw_only=True):
    """An operator corrected a balance, or a transaction was reversed; `change` tells the direction."""

    NAME = "points_adjusted"
    PRODUCER = "points"

    reason: str


class PointsReturned(PointsPosted, frozen=True, kw_only=True):
    """A refund took earned points back; `deficit` is the part that was spent already and is owed now.

    The part that was still pending is in `points` alone.

    Where points of a hold were released and paid what was owed, `deficit` is negative by as much.
    """

    NAME = "points_returned"
    PRODUCER = "points"

    deficit: int


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

    At `due_at` they are activated; where they wait for `on_event`, cancelled. `rules` as of those earned at once.
    """

    NAME = "points_pending"
    PRODUCER = "points"

    due_at: datetime
    on_event: str
    rules: list[EarnedByRule] = []


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


class VoucherIssued(Contract, frozen=True, kw_only=True):
    """A voucher belongs to a member now; `price_points` is what it cost. Codes are not told."""

    NAME = "voucher_issued"
    PRODUCER = "points"

    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    price_points: int
    issued_at: datetime


class VoucherRedeemed(Contract, frozen=True, kw_only=True):
    """A voucher was used on an order and took `discount` off it."""

    NAME = "voucher_redeemed"
    PRODUCER = "points"

    redemption_id: UUID
    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    order_id: str
    discount: int
    currency: str
    redeemed_at: datetime


class VoucherReleased(Contract, frozen=True, kw_only=True):
    """A redemption was rolled back; the use is free again."""

    NAME = "voucher_released"
    PRODUCER = "points"

    redemption_id: UUID
    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    released_at: datetime


class VoucherCancelled(Contract, frozen=True, kw_only=True):
    """An unused voucher was given back for its price of `price_points`; its code is nobody's again."""

    NAME = "voucher_cancelled"
    PRODUCER = "points"

    voucher_id: UUID
    campaign_id: UUID
    member_id: UUID
    price_points: int
    cancelled_at: datetime
