"""What the reports read."""

from warehouse.reports.queries.budgets import budget_burn_down
from warehouse.reports.queries.movements import (
    MOST_RECENT,
    freshness,
    payment_volume,
    points_flow,
    points_of_rules,
    programmes_with_zones,
)
from warehouse.reports.queries.periods import as_of
from warehouse.reports.queries.tiers import tier_changes, tier_members, tier_movement

__all__ = [
    "MOST_RECENT",
    "as_of",
    "budget_burn_down",
    "freshness",
    "payment_volume",
    "points_flow",
    "points_of_rules",
    "programmes_with_zones",
    "tier_changes",
    "tier_members",
    "tier_movement",
]
