"""What points says of tiers."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.contracts.base import Contract


class TierTerms(Struct, frozen=True, kw_only=True):
    """A tier: its code, its name for people, what it takes to enter, and to stay at a period's end."""

    code: str
    name: str
    enter: int
    stay: int


class TiersChanged(Contract, frozen=True, kw_only=True):
    """A version of what a programme says of its tiers, which never changes: the lowest of `tiers` first.

    It counts from `changed_at` until the next version's. The `metric` is `points`, `spend`, `orders`, `events` (of the
    name `event`) or `field` (the `field` of those).
    """

    NAME = "tiers_changed"
    PRODUCER = "points"

    programme_id: UUID
    version: int
    metric: str
    event: str | None
    field: str | None
    tiers: list[TierTerms]
    changed_at: datetime
    changed_by: UUID


class TierChanged(Contract, frozen=True, kw_only=True):
    """A member came from one tier of a programme to another, by their codes; null is no tier.

    Changes of a member are numbered from 1. The `cause` is `earned`, `taken_back` or `requalified` (told late, of the
    period before), by the transaction `reference`, or `period_end` or `grace_ended`: then `changed_at` is the boundary,
    however much later it was judged; or `merged`, by the merge `reference`; or `override` or `override_ended`, by the
    tier by hand `reference`; or `imported`, from another system, by the import `reference`, and `changed_at` may be of
    then. It was decided by the `version` of what the programme says of its tiers (`tiers_changed`), and noted at
    `posted_at`.
    """

    NAME = "tier_changed"
    PRODUCER = "points"

    programme_id: UUID
    member_id: UUID
    number: int
    before: str | None
    after: str | None
    cause: str
    reference: UUID | None
    version: int
    changed_at: datetime
    posted_at: datetime


class TierExpiring(Contract, frozen=True, kw_only=True):
    """A member would fall to the tier `projected` (null is none) at the period's end `until`, were nothing earned until
    then: so much progress is `missing` to stay. Where the programme gives grace, the tier is kept until `grace_until`.

    Told once in a period; nothing corrects it where enough is earned.
    """

    NAME = "tier_expiring"
    PRODUCER = "points"

    programme_id: UUID
    member_id: UUID
    tier: str
    projected: str | None
    missing: int
    until: datetime
    grace_until: datetime | None
