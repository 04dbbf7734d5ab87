"""The tiers of members on the way through a list: what one purchase or event counts is there for the member's next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from points.earning.rules.noted import Noted
from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.queries.schemes import schemes_of
from points.tiers.queries.standings import standings_of
from points.tiers.rules import Schemes, Standing, Step, Sums, effective, settled, spans_of, stepped
from points.tiers.rules.metrics import amount_of
from shared.zones import local_day


class TiersInTurn:
    """The tiers of those members of a list who are in it more than once; nothing of it is written."""

    def __init__(
        self, schemes: Schemes, standing: Mapping[UUID, Standing], sums: Mapping[UUID, Sums], *, at: datetime
    ) -> None:
        self._schemes, self._at = schemes, at
        self._standing, self._sums = dict(standing), {who: one.copy() for who, one in sums.items()}

    def again(self) -> "TiersInTurn":
        """Return one who knows what this one knew, and of nothing that it will be told; ask before that."""
        return TiersInTurn(self._schemes, self._standing, self._sums, at=self._at)

    def knows(self, member_id: UUID) -> bool:
        """Tell whether a member is in the list more than once."""
        return member_id in self._standing

    def of(self, member_id: UUID) -> str | None:
        """Return the code of a member's tier after what was told so far, None where there is none."""
        return effective(self._standing[member_id])

    def note(self, member_id: UUID, noted: Noted, points: int) -> None:
        """Count a purchase or an event that the programme took, with the points that it earns."""
        metric = self._schemes.now.metric
        amount = points if metric == "points" else amount_of(metric, noted)
        if not amount or not self.knows(member_id):
            return
        step = Step(local_day(noted.occurred_at, self._schemes.timezone), amount, noted.id)
        standing, sums = self._standing[member_id], self._sums[member_id]
        self._standing[member_id], _, _ = stepped(standing, self._schemes, sums, [step], at=self._at)


def tiers_in_turn(
    programme: Programme, instants: Mapping[UUID, Sequence[datetime]], *, at: datetime
) -> TiersInTurn | None:
    """Return the tiers of members of whom a list has something at these instants; None where nobody has two, or the
    programme has no tiers."""
    instants = {who: those for who, those in instants.items() if len(those) > 1}
    schemes = schemes_of(programme) if instants else None
    if schemes is None:
        return None
    days = {who: {local_day(one, schemes.timezone) for one in those} for who, those in instants.items()}
    standing = standings_of(programme.id, schemes, list(instants), at=at)
    wanted = {who: spans_of(one, schemes, days[who], at=at) for who, one in standing.items()}
    sums = {who: Sums(found) for who, found in rows.sums(programme.id, wanted).items()}
    now = {who: settled(one, schemes, sums[who], at=at)[0] for who, one in standing.items()}
    return TiersInTurn(schemes, now, sums, at=at)
