"""What rules gave, and why: numbers that add up."""

from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from points.earning.rules.engine.rooms import Spent
from points.earning.rules.rule import Counter
from points.programmes.rules.expiry import Policy


class Why(StrEnum):
    """Why a rule that was looked at gave nothing."""

    NOT_FIRST_PURCHASE = "not_first_purchase"
    CONDITION = "condition"
    NO_LINE = "no_line"
    LIMIT = "limit"
    BUDGET = "budget"
    STACKING = "stacking"
    NO_POINTS = "no_points"


class Part(StrEnum):
    """What points are of: a line, what the purchase cost beyond its lines, or nothing that can be given back alone."""

    LINE = "line"
    REST = "rest"
    FIXED = "fixed"


class Given(Struct, frozen=True):
    """Points that a rule gave. A multiplier gives what it adds, and `of` is the rule whose points it multiplied;
    for every other rule that is the rule itself."""

    rule_id: str
    of: str
    part: Part
    line_id: str | None
    points: int


class LineOutcome(Struct, frozen=True):
    """What a line earned, with what it cost and its pieces."""

    line_id: str
    amount: int
    quantity: int
    points: int


class RuleOutcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a rule that was looked at.

    `is_met`: its condition is, and some line meets that of its lines. `points` are its own, `exact` what they were
    before limits and rounding. `limit` took `trimmed` points of it, or had nothing left for it. For `cut` of its whole
    points budgets had no room: `budget` is the code of the last of them.
    """

    rule_id: str
    is_met: bool
    why: Why | None = None
    points: int = 0
    exact: Fraction = Fraction(0)
    limit: Counter | None = None
    trimmed: int = 0
    budget: str | None = None
    cut: int = 0
    pending_days: int | None = None
    lifetime: Policy | None = None


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was earned. `points` is the sum of `given`, of the points of `rules`, and of `lines`, `rest` and `fixed`.

    `counted` is what the member's counters grow by, `spent` what budgets do.
    """

    points: int
    amount: int
    lines: tuple[LineOutcome, ...]
    rest: int
    fixed: int
    rules: tuple[RuleOutcome, ...]
    given: tuple[Given, ...]
    counted: tuple[tuple[Counter, int], ...]
    spent: tuple[Spent, ...] = ()
