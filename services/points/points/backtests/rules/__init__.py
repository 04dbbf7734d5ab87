"""What rules would have given to members, beside what they earned: pure."""

from points.backtests.rules.member import Bought, Told
from points.backtests.rules.replay import replayed
from points.backtests.rules.sums import MOST_NAMED, Changed, OfMember, RuleSum, Sums, added
from points.backtests.rules.terms import Terms
from points.backtests.rules.under import AskedThen, Under, under

__all__ = [
    "MOST_NAMED",
    "AskedThen",
    "Bought",
    "Changed",
    "OfMember",
    "RuleSum",
    "Sums",
    "Terms",
    "Told",
    "Under",
    "added",
    "replayed",
    "under",
]
