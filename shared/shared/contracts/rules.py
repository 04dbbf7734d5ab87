"""What points says of earning rules."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.contracts.base import Contract, JobStep


class RuleName(Struct, frozen=True, kw_only=True):
    """A rule: its id, by which what it gave is counted, its name for people, what it is asked at, and what it does in
    words."""

    id: str
    name: str
    trigger: str = ""
    effect: str = ""


class EarnedByRule(Struct, frozen=True, kw_only=True):
    """So many points that a rule gave, or that were taken back of what it gave; `version` is that of the programme's
    rules."""

    id: str
    version: int
    points: int


class RuleChanged(Contract, frozen=True, kw_only=True):
    """A version of a programme's rules was activated, or its end moved; this is how it is now.

    It counts from `starts_at` to `ends_at` (for ever, when null). One that was taken back before its start never
    counts: its end is not after its start.
    """

    NAME = "rule_changed"
    PRODUCER = "points"

    programme_id: UUID
    version: int
    starts_at: datetime
    ends_at: datetime | None
    rules: list[RuleName]
    changed_at: datetime


class BacktestPurchases(JobStep, frozen=True, kw_only=True):
    """Points asks itself to do the next chunk of a backtest; each chunk asks for the one after it.

    So a backtest survives any kill: the chunk and the request for the next one commit together.
    """

    NAME = "backtest_purchases"
    PRODUCER = "points"

    backtest_id: UUID
    chunk: int
