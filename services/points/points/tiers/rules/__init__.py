"""What tiers are and how members come to them: decided without a database."""

from points.tiers.rules.grace import fallen_to, graced, graced_over
from points.tiers.rules.imports import Start, can_end, started
from points.tiers.rules.notices import noticed
from points.tiers.rules.overrides import due_at, effective, ended, lasts_beyond, overridden
from points.tiers.rules.periods import Span, judged_over
from points.tiers.rules.reading import read_scheme, scheme_json
from points.tiers.rules.scheme import Scheme, Schemes, Since, Tier
from points.tiers.rules.standing import left, merged, opened, settled, spans_of, stepped
from points.tiers.rules.values import Cause, Change, Grace, Last, Notice, Override, Standing, Step, Sums

__all__ = [
    "Cause",
    "Change",
    "Grace",
    "Last",
    "Notice",
    "Override",
    "Scheme",
    "Schemes",
    "Since",
    "Span",
    "Standing",
    "Start",
    "Step",
    "Sums",
    "Tier",
    "can_end",
    "due_at",
    "effective",
    "ended",
    "fallen_to",
    "graced",
    "graced_over",
    "judged_over",
    "lasts_beyond",
    "left",
    "merged",
    "noticed",
    "opened",
    "overridden",
    "read_scheme",
    "scheme_json",
    "settled",
    "spans_of",
    "started",
    "stepped",
]
