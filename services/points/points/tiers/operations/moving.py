"""How members come to other tiers: by steps of progress, after the ends of their periods that nobody judged yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from points.messages.outgoing.tiers import tier_changed, tier_expiring
from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.models import TierOverride
from points.tiers.queries.standings import opened_of
from points.tiers.rows import Moved
from points.tiers.rules import Cause, Change, Notice, Schemes, Standing, Step, Sums, noticed, spans_of, stepped
from shared.messaging.outbox import publish


def move(programme: Programme, schemes: Schemes, steps: Mapping[UUID, Sequence[Step]], *, at: datetime) -> int:
    """Let steps of progress count for members, whose accounts are locked, and write what that changes, and what is over
    of periods and of overrides; tell members of ends that come, and return how many are told.

    Statements of a fixed number, however many members there are.
    """
    if not steps:
        return 0
    written = rows.standings(programme.id, list(steps))
    standing = written | opened_of(schemes, [who for who in steps if who not in written], at=at)
    wanted = {who: spans_of(one, schemes, [step.day for step in steps[who]], at=at) for who, one in standing.items()}
    sums = rows.sums(programme.id, wanted)
    moved, counted, over = list[Moved](), list[tuple[UUID, Step]](), list[UUID]()
    notices = list[tuple[UUID, Notice]]()
    for who, one in standing.items():
        made, steps_of, notice = _moved(who, one, schemes, Sums(sums[who]), steps[who], at=at)
        moved += [made] if made.standing != written.get(who) else []
        notices += [(who, notice)] if notice else []
        over += [one.override.id] if one.override and not made.standing.override else []
        counted += [(who, step) for step in steps_of]
    rows.count(programme.id, counted)
    if over:
        TierOverride.objects.filter(id__in=over).update(ended_at=F("until"))
    write(programme, schemes, moved, at=at)
    publish([tier_expiring(programme.id, *one) for one in notices], at=at)
    return len(notices)


def write(programme: Programme, schemes: Schemes, moved: Sequence[Moved], *, at: datetime) -> None:
    """Write how members stand, and tell what changed."""
    rows.write(programme.id, moved, timezone=schemes.timezone, at=at)
    found = rows.numbered(moved)
    told = [tier_changed(programme.id, *one, version=_decided_by(one[-1], schemes, at=at), at=at) for one in found]
    publish(told, at=at)


def _decided_by(change: Change, schemes: Schemes, *, at: datetime) -> int:
    """Return the version that decided a change: that of its instant, or of now what was brought from elsewhere."""
    return schemes.since(at if change.cause == Cause.IMPORTED else change.at).version


def _moved(
    member_id: UUID, standing: Standing, schemes: Schemes, sums: Sums, steps: Sequence[Step], *, at: datetime
) -> tuple[Moved, list[Step], Notice | None]:
    standing, ended, notice = noticed(standing, schemes, sums, at=at)
    standing, changes, counted = stepped(standing, schemes, sums, steps, at=at)
    return Moved(member_id, standing, [*ended, *changes]), counted, notice
