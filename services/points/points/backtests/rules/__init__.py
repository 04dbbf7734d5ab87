"""What rules would have given to members, beside what they earned: pure."""

from points.backtests.rules.replay import Bought, Under, replayed, under
from points.backtests.rules.sums import MOST_NAMED, Changed, OfMember, RuleSum, Sums, added
from points.backtests.rules.terms import Terms

__all__ = [
    "MOST_NAMED",
    "Bought",
    "Changed",
    "OfMember",
    "RuleSum",
    "Sums",
    "Terms",
    "Under",
    "added",
    "replayed",
    "under",
]
