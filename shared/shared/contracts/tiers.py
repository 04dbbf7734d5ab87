"""What points says of tiers."""

from datetime import datetime
from uuid import UUID

from shared.contracts.base import Contract


class TierChanged(Contract, frozen=True, kw_only=True):
    """A member came from one tier of a programme to another, by their codes; null is no tier.

    Changes of a member are numbered from 1. The `cause` is `earned`, `taken_back` or `requalified` (told late, of the
    period before), by the transaction `reference`, or `period_end` or `grace_ended`: then `changed_at` is the boundary,
    however much later it was judged; or `merged`, by the merge `reference`; or `override` or `override_ended`, by the
    tier by hand `reference`; or `imported`, from another system, by the import `reference`, and `changed_at` may be of
    then.
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
    changed_at: datetime


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
