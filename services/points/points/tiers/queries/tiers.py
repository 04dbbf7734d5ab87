"""Which tier members have, what they need for the next one, and what changed."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.models import TierChange
from points.tiers.queries.schemes import schemes_of
from points.tiers.queries.standings import standings_of
from points.tiers.rules import Scheme, Schemes, Span, Standing, Sums, effective, judged_over, settled, spans_of
from points.tiers.rules.periods import counted_on, instant_of
from points.tiers.rules.scheme import Tier
from shared.lists import owned
from shared.zones import local_day


class Found(NamedTuple):
    """How a member stands now: with the progress that counts for rising now, and the one that counts at the period's
    end, were nothing earned until then."""

    standing: Standing
    scheme: Scheme
    timezone: str
    progress: int
    at_end: int

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
    def projected(self) -> Tier | None:
        """Return the tier after the period, were nothing earned until then; an override's, where it lasts longer."""
        override, end = self.standing.override, instant_of(self.standing.period.end, self.timezone)
        if override and (override.until is None or override.until > end):
            return self.scheme.tier(self.level)
        return self.scheme.tier(self.scheme.at_end(self.computed, self.at_end))


def tier_of(programme: Programme, schemes: Schemes, member_id: UUID, *, at: datetime) -> Found:
    """Return how a member stands, with the ends of periods that no run has judged yet."""
    standing = standings_of(programme.id, schemes, [member_id], at=at)[member_id]
    sums = Sums(rows.sums(programme.id, {member_id: spans_of(standing, schemes, (), at=at)})[member_id])
    standing, _ = settled(standing, schemes, sums, at=at)
    scheme, today = schemes.at(at), local_day(at, schemes.timezone)
    progress = sums[counted_on(scheme.window, standing.period, today)]
    at_end = sums[judged_over(scheme.window, standing.period)]
    return Found(standing, scheme, schemes.timezone, progress, at_end)


def tiers_of(programme: Programme, member_ids: Collection[UUID], *, at: datetime) -> dict[UUID, str]:
    """Return the codes of the tiers that members have, with the ends of periods that no run has judged yet; who has
    none is absent."""
    schemes = schemes_of(programme)
    if schemes is None or not member_ids:
        return {}
    standing = standings_of(programme.id, schemes, list(member_ids), at=at)
    wanted: dict[UUID, Collection[Span]] = {who: spans_of(one, schemes, (), at=at) for who, one in standing.items()}
    sums = rows.sums(programme.id, wanted)
    found = {who: effective(settled(one, schemes, Sums(sums[who]), at=at)[0]) for who, one in standing.items()}
    return {who: tier for who, tier in found.items() if tier}


def tier_changes(programme_id: UUID, member_id: UUID) -> QuerySet[TierChange]:
    """Return the changes of a member's tier, for lists."""
    return owned(TierChange.objects.all(), programme_id=programme_id, member_id=member_id)
