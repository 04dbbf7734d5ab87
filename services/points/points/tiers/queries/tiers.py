"""Which tier members have, what they need for the next one, and what changed."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.ledger.merges import aliases
from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.queries.changes import last_change
from points.tiers.queries.schemes import schemes_of
from points.tiers.queries.standings import standings_of
from points.tiers.rules import (
    Grace,
    Scheme,
    Schemes,
    Span,
    Standing,
    Sums,
    due_at,
    effective,
    fallen_to,
    graced,
    graced_over,
    judged_over,
    lasts_beyond,
    settled,
    spans_of,
)
from points.tiers.rules.periods import counted_on, instant_of
from points.tiers.rules.scheme import Tier
from shared.zones import local_day


class Found(NamedTuple):
    """How a member stands now: with the progress that counts for rising now, and the one that counts when the tier is
    judged next, at the end of the period or of the grace, were nothing earned until then; and into whom the member was
    merged."""

    standing: Standing
    scheme: Scheme
    timezone: str
    progress: int
    at_end: int
    merged_into: UUID | None

    @property
    def level(self) -> int:
        """Return the level of the tier that the member has."""
        return self.scheme.level(effective(self.standing))

    @property
    def computed(self) -> int:
        """Return the level of the tier below an override; the same where there is none."""
        return self.scheme.level(self.standing.tier)

    @property
    def next(self) -> Tier | None:
        """Return the tier above; None where there is none."""
        return self.scheme.tiers[self.level] if self.level < len(self.scheme.tiers) else None

    @property
    def grace(self) -> Grace | None:
        """Return the grace that the computed tier is kept by."""
        return graced(self.standing)

    @property
    def judged_on(self) -> date:
        """Return the day with which the tier is judged next: after the period, or the grace, if that ends before."""
        end = self.standing.period.end
        return min(end, self.grace.until) if self.grace else end

    @property
    def until(self) -> datetime:
        """Return the instant at which the tier is judged next."""
        return instant_of(self.judged_on, self.timezone)

    @property
    def projected(self) -> Tier | None:
        """Return the tier once it is judged next, were nothing earned until then, and after the grace that begins then;
        an override's, where it lasts longer."""
        if lasts_beyond(self.standing.override, self.until):
            return self.scheme.tier(self.level)
        if self.grace and self.grace.until == self.judged_on:
            return self.scheme.tier(fallen_to(self.standing, self.scheme, self.grace, self.at_end))
        return self.scheme.tier(self.scheme.at_end(self.computed, self.at_end))


def tier_of(programme: Programme, schemes: Schemes, member_id: UUID, *, at: datetime) -> Found:
    """Return how a member stands, with the ends of periods that no run has judged yet."""
    standing = standings_of(programme.id, schemes, [member_id], at=at)[member_id]
    sums = Sums(rows.sums(programme.id, {member_id: spans_of(standing, schemes, (), at=at)})[member_id])
    standing, _ = settled(standing, schemes, sums, at=at)
    if not standing.changes and (said := last_change(programme.id, member_id, at=at)):
        # Who was merged stands nowhere, and came to that.
        standing = structs.replace(standing, since=said.since, cause=said.cause)
    scheme, today = schemes.at(at), local_day(at, schemes.timezone)
    progress = sums[counted_on(scheme.window, standing.period, today)]
    at_end = sums[_next_over(standing, schemes, at=at)]
    return Found(standing, scheme, schemes.timezone, progress, at_end, aliases([member_id]).get(member_id))


def _next_over(standing: Standing, schemes: Schemes, *, at: datetime) -> Span:
    """Return the days whose progress decides when the tier is judged next."""
    grace, period = graced(standing), standing.period
    if grace and grace.until <= period.end:
        return graced_over(schemes, period, grace)
    return judged_over(schemes.at(at).window, period)


def tiers_of(programme: Programme, member_ids: Collection[UUID], *, at: datetime) -> dict[UUID, str]:
    """Return the codes of the tiers that members have, with the ends of periods that no run has judged yet; who has
    none is absent."""
    schemes = schemes_of(programme)
    if schemes is None or not member_ids:
        return {}
    standing = standings_of(programme.id, schemes, list(member_ids), at=at)
    # Nothing is asked of progress but where something ended.
    ended = {who: one for who, one in standing.items() if due_at(one, schemes.timezone) <= at}
    sums = rows.sums(programme.id, {who: spans_of(one, schemes, (), at=at) for who, one in ended.items()})
    standing |= {who: settled(one, schemes, Sums(sums[who]), at=at)[0] for who, one in ended.items()}
    found = {who: effective(one) for who, one in standing.items()}
    return {who: tier for who, tier in found.items() if tier}
