"""Messages about budgets."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.contracts.base import Contract


class BudgetAlert(Contract, frozen=True, kw_only=True):
    """A budget came to its percentage in a period, for the first time in it; it may go on until `most`.

    `of` is `points`, `money` (then `most` and `used` are minor units of the programme's currency, or of the campaign's
    that it is on) or `uses`. `period` is such as `2026-03`, `2026-W10` or `ever`; `each` is the merchant or the member,
    where each has a budget of their own.
    """

    NAME = "budget_alert"
    PRODUCER = "points"

    programme_id: UUID
    budget_id: UUID
    code: str
    name: str
    of: str
    most: int
    used: int
    alert_percent: int
    period: str
    each: str | None
    reached_at: datetime


class BudgetChanged(Contract, frozen=True, kw_only=True):
    """A budget was made, changed or ended; this is how it is now.

    It is on the rule `rule_id`, on the voucher campaign `campaign_id`, or on all that the programme gives where both
    are null; each `merchant` or `member` has their own where `each` says so. Money (`of`) counts as points:
    `value_points` of them are worth `value_amount` minor units; where these are null, as it is in minor units of the
    campaign's currency. It counts nothing any more from `ended_at` on.
    """

    NAME = "budget_changed"
    PRODUCER = "points"

    programme_id: UUID
    budget_id: UUID
    code: str
    name: str
    rule_id: str | None
    campaign_id: UUID | None
    of: str
    most: int
    per: str
    each: str | None
    beyond: str
    value_points: int | None
    value_amount: int | None
    changed_at: datetime
    ended_at: datetime | None


class BudgetUse(Struct, frozen=True, kw_only=True):
    """What is used of a budget in a period, by signed `change`: of uses, else of points, or of money of a campaign.
    `each` is the merchant or the member whose it is, where each has their own."""

    budget_id: UUID
    period: str
    each: str | None
    change: int


class BudgetUsed(Contract, frozen=True, kw_only=True):
    """What purchases or events that were noted together used of budgets, or, where the changes are negative, what was
    given back; a budget's period is in it once.

    All changes of a budget's period together are what is used of it.
    """

    NAME = "budget_used"
    PRODUCER = "points"

    use_id: UUID
    uses: list[BudgetUse]
    posted_at: datetime
