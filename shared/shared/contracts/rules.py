"""What points says of earning rules."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shared.contracts.base import Contract


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
