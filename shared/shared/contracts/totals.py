"""What every service with a ledger says about its own days, for the warehouse to compare with its facts."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from shared.contracts.base import Contract


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of movement on one UTC day: how many and how much.

    `ledger` is `points`, `payments` or `wallets`; `unit` a currency or a programme's id; `kind` as in the messages
    (`earned`, `captured` …); `total` is signed where the movement is.

    Of the ledger `budgets` the unit is a budget's id, the kind a period of it, and the total what was used of that,
    less what was given back. Of `tier_changes` the kind is the cause, and the total the sum of a number for each
    change: the first 32 bits of the SHA-256 of `member_id number before after changed_at`, with a blank between, no
    tier as nothing, and the instant in microseconds since 1970. So it says who is in which tier.
    """

    ledger: str
    unit: str
    kind: str
    count: int
    total: int


class LedgerDayTotals(Contract, frozen=True, kw_only=True):
    """All totals of one UTC day of one service, counted in its own ledger at `as_of`. Of two of a day as of one instant
    the one with the larger `totals_id`, of UUIDs of version 7, was counted later."""

    NAME = "ledger_day_totals"

    service: str
    totals_id: UUID
    day: date
    as_of: datetime
    totals: list[Total]
