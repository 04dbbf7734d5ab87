"""What the tiers module does."""

from points.tiers.operations.counting import TiersOfPurchasesAndEvents
from points.tiers.operations.ends import judge_periods, next_end
from points.tiers.operations.following import TiersOfPostings
from points.tiers.operations.imports import import_tiers
from points.tiers.operations.notices import next_notice, tell_expiring
from points.tiers.operations.overrides import end_override, override_tier
from points.tiers.operations.schemes import change_scheme

__all__ = [
    "TiersOfPostings",
    "TiersOfPurchasesAndEvents",
    "change_scheme",
    "end_override",
    "import_tiers",
    "judge_periods",
    "next_end",
    "next_notice",
    "override_tier",
    "tell_expiring",
]
