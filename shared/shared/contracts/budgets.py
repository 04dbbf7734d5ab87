"""Messages about budgets."""

from datetime import datetime
from uuid import UUID

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
