"""What a rule is: when it is looked at, what must hold, what it gives, and how often."""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from points.earning.rules.conditions import Condition
from points.programmes.rules.expiry import Policy

LANGUAGE = 1
MOST_RULES = 100
# Ten times what a programme lets a purchase earn, unless it says otherwise.
MOST_POINTS = 1_000_000
LARGEST_RATE = 10**9
LARGEST_MULTIPLIER = 10_000


class Trigger(StrEnum):
    """What happens for a rule to be looked at."""

    PURCHASE = "purchase"
    FIRST_PURCHASE = "first_purchase"
    EVENT = "event"
    REGISTRATION = "registration"
    BIRTHDAY = "birthday"


class Stacking(StrEnum):
    """Which of the rules that are met count: all, the one that gives most, or the first one."""

    ALL = "all"
    BEST = "best"
    FIRST = "first"


class Rounding(StrEnum):
    """How a fraction of a point is rounded."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"


_Points = Annotated[int, Meta(ge=1, le=MOST_POINTS)]


class Fixed(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="fixed"):
    """So many points, which belong to no line."""

    points: _Points


class PerAmount(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="per_amount"):
    """So many points for each so many minor units, and the same share of them for less."""

    points: _Points
    amount: Annotated[int, Meta(ge=1, le=LARGEST_RATE)]


class PerQuantity(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="per_quantity"):
    """So many points for each piece."""

    points: _Points


class Multiplier(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="multiplier"):
    """Multiplies what is earned per amount and per quantity: 200 hundredths double it, and no multiplier lowers it."""

    hundredths: Annotated[int, Meta(gt=100, le=LARGEST_MULTIPLIER)]


Effect = Fixed | PerAmount | PerQuantity | Multiplier
Period = Literal["day", "week", "month", "year", "ever"]


class MostUses(Struct, frozen=True, forbid_unknown_fields=True, tag_field="of", tag="uses"):
    """How often a member can use a rule in a period."""

    most: Annotated[int, Meta(ge=1, le=MOST_POINTS)]
    per: Period


class MostPoints(Struct, frozen=True, forbid_unknown_fields=True, tag_field="of", tag="points"):
    """How many points a member can get by a rule in a period, and whether more are trimmed or the rule gives none."""

    most: Annotated[int, Meta(ge=1, le=10**9)]
    per: Period
    beyond: Literal["trim", "refuse"] = "trim"


Limit = MostUses | MostPoints


class Counter(NamedTuple):
    """What is counted of a member for a limit: of a rule, `uses` or `points`, in a period such as `2026-03`."""

    rule_id: str
    of: str
    period: str


class Rule(Struct, frozen=True, kw_only=True):
    """A rule. `lines` is a condition of single lines, and its effect is on those that meet it alone.

    `pending_days` and `lifetime` are for whoever posts the points; None is what the programme says.
    """

    id: str
    name: str
    trigger: Trigger
    effect: Effect
    condition: Condition | None = None
    lines: Condition | None = None
    limits: tuple[Limit, ...] = ()
    priority: int = 0
    pending_days: int | None = None
    lifetime: Policy | None = None


class RuleSet(Struct, frozen=True, kw_only=True):
    """The rules that stand together, in the order in which they are looked at: lower priority first, then as said."""

    stacking: Stacking
    rules: tuple[Rule, ...]


@lru_cache(maxsize=4_096)
def period_of(per: Period, day: date) -> str:
    """Return the name of the period of a day in the programme's time zone; weeks are those of ISO 8601."""
    if per == "ever":
        return "ever"
    if per == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[per]]


def counter_of(rule: Rule, limit: Limit, day: date) -> Counter:
    """Return what a limit of a rule counts on a day."""
    of = "uses" if isinstance(limit, MostUses) else "points"
    return Counter(rule.id, of, period_of(limit.per, day))


def counters_of(rules: RuleSet, day: date) -> tuple[Counter, ...]:
    """Return all that the limits of a set count on a day, in one order: of this much a caller reads and locks."""
    return tuple(sorted({counter_of(rule, limit, day) for rule in rules.rules for limit in rule.limits}))
