"""What tiers are and how members come to them: decided without a database."""

from points.tiers.rules.periods import Span, judged_over
from points.tiers.rules.reading import read_scheme, scheme_json
from points.tiers.rules.scheme import Scheme, Schemes, Since, Tier
from points.tiers.rules.standing import (
    Cause,
    Change,
    Standing,
    Step,
    Sums,
    left,
    merged,
    opened,
    settled,
    spans_of,
    stepped,
)

__all__ = [
    "Cause",
    "Change",
    "Scheme",
    "Schemes",
    "Since",
    "Span",
    "Standing",
    "Step",
    "Sums",
    "Tier",
    "judged_over",
    "left",
    "merged",
    "opened",
    "read_scheme",
    "scheme_json",
    "settled",
    "spans_of",
    "stepped",
]
