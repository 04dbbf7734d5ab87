"""What a programme says of its tiers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct

from points.tiers.rules.metrics import Metric

MOST_TIERS = 100
LARGEST_THRESHOLD = 10**15
LONGEST_ROLLING = 1_096  # days
LONGEST_NOTICE = 90  # days
LONGEST_GRACE = 366  # days


class Tier(Struct, frozen=True, kw_only=True):
    """A tier: who reaches `enter` is in it, and stays in it at a period's end by `stay`, which is not more."""

    code: str
    name: str
    enter: int
    stay: int


class Calendar(Struct, frozen=True, kw_only=True, tag_field="kind", tag="calendar"):
    """Years that begin with the first day of a month, for all members alike."""

    month: int


class Anniversary(Struct, frozen=True, kw_only=True, tag_field="kind", tag="anniversary"):
    """Years of each member, from the day of joining."""


class Rolling(Struct, frozen=True, kw_only=True, tag_field="kind", tag="rolling"):
    """The last so many days, today among them; each member's periods are as long."""

    days: int


Window = Calendar | Anniversary | Rolling


class Scheme(Struct, frozen=True, kw_only=True):
    """The tiers of a programme, the lowest first, and by what members come to them and leave them.

    Levels are places of tiers: 0 is no tier, 1 the lowest.
    """

    metric: Metric
    window: Window
    upgrade: Literal["at_once", "period_end"] = "at_once"
    returns: Literal["at_once", "period_end"] = "at_once"
    downgrade: Literal["one", "all"] = "one"
    notice_days: int | None = None
    grace_days: int | None = None
    requalify: bool | None = None
    tiers: tuple[Tier, ...]

    def level(self, code: str | None) -> int:
        """Return the level of a tier's code; 0 for none."""
        return next((level for level, tier in enumerate(self.tiers, start=1) if tier.code == code), 0)

    def tier(self, level: int) -> Tier | None:
        """Return the tier of a level, None for 0."""
        return self.tiers[level - 1] if level else None

    def code(self, level: int) -> str | None:
        """Return the code of a level's tier, None for 0."""
        return self.tiers[level - 1].code if level else None

    @property
    def lowest(self) -> int:
        """Return the level that everybody has: that of a tier which asks for nothing, else 0."""
        return int(self.tiers[0].enter == 0)

    def reached(self, progress: int) -> int:
        """Return the highest level that so much progress enters."""
        return max((level for level, tier in enumerate(self.tiers, start=1) if tier.enter <= progress), default=0)

    def at_end(self, level: int, progress: int) -> int:
        """Return the level after a period that ended at a level with so much progress."""
        reached = self.reached(progress)
        kept = max(
            (place for place, tier in enumerate(self.tiers[:level], start=1) if tier.stay <= progress), default=0
        )
        if reached >= level or kept == level or self.downgrade == "all":
            return max(reached, kept)
        return level - 1


class Since(NamedTuple):
    """A version of a scheme, and from when on it counts."""

    at: datetime
    version: int
    scheme: Scheme


class Schemes(NamedTuple):
    """All versions of a programme's scheme, the first one first; days are of the zone in which that one was saved."""

    timezone: str
    versions: Sequence[Since]

    @property
    def now(self) -> Scheme:
        """Return the newest version."""
        return self.versions[-1].scheme

    def at(self, instant: datetime) -> Scheme:
        """Return the version that counts at an instant; the first one before all."""
        return self.since(instant).scheme

    def since(self, instant: datetime) -> Since:
        """Return the version that counts at an instant, with its number; the first one before all."""
        return next((one for one in reversed(self.versions) if one.at <= instant), self.versions[0])
