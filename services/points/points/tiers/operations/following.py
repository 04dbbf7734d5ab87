"""What postings do to tiers: progress moves with them, in their transaction, and tiers with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from points.ledger.merges import Merge, aliases
from points.ledger.rules.postings import points_of
from points.ledger.rules.values import Decided, Kind
from points.programmes.queries import programme
from points.tiers.operations.merges import merge_tiers
from points.tiers.operations.moving import move
from points.tiers.queries.schemes import schemes_of
from points.tiers.rules import Schemes, Step
from shared.db import array
from shared.db import rows as rows_of
from shared.zones import local_day

# Each is looked up by itself.
_ORIGINALS = """
SELECT t.id, t.occurred_at, t.posted_at FROM unnest(%s::uuid[]) AS said (id) CROSS JOIN LATERAL (
    SELECT id, occurred_at, posted_at FROM points_transaction t WHERE t.id = said.id OFFSET 0) t
"""
Steps = dict[UUID, list[Step]]
_Original = tuple[datetime, datetime]


class TiersOfPostings:
    """Follows the ledger's postings."""

    def told(self, decided: Sequence[Decided], *, at: datetime) -> None:
        """Move the progress of whoever earned, or of whom something earned was taken back, and their tiers; where these
        count points.

        The accounts of these members are locked, so that nobody else moves the same.
        """
        by_programme: dict[UUID, list[Decided]] = defaultdict(list)
        for one in decided:
            if one.posting.kind == Kind.EARNED or _taken_from(one):
                by_programme[one.posting.programme_id].append(one)
        for programme_id in sorted(by_programme):
            found = programme(programme_id)
            if (schemes := schemes_of(found)) and schemes.now.metric == "points":
                move(found, schemes, _steps(by_programme[programme_id], schemes, at=at), at=at)

    def merged(self, merge: Merge) -> None:
        """Let all that counted for a merged member count for the other."""
        merge_tiers(merge)


def _taken_from(one: Decided) -> UUID | None:
    """Return the earning of whose points a posting takes something back; None where it does not."""
    posting = one.posting
    if posting.kind == Kind.CANCELLED and posting.pending:
        return posting.pending.pending_id
    if posting.kind == Kind.REVERSED and posting.reverses and posting.reverses.kind == Kind.EARNED:
        return posting.reverses.transaction_id
    return posting.lots[0] if posting.kind == Kind.RETURNED and posting.lots else None


def _steps(decided: Sequence[Decided], schemes: Schemes, *, at: datetime) -> Steps:
    """Return what postings do to the progress of members, of whoever they are by now.

    What was earned before there were tiers never counted, and so nothing is taken when it comes back.
    """
    begin = schemes.versions[0].at
    originals = _originals(filter(None, map(_taken_from, decided)))
    now = aliases({one.posting.member_id for one in decided if one.after.merged_into is not None})
    found: Steps = defaultdict(list)
    for one in decided:
        posting = one.posting
        occurred, posted = originals[earning] if (earning := _taken_from(one)) else (posting.occurred_at or at, at)
        if posted >= begin:
            sign = 1 if posting.kind == Kind.EARNED else -1
            step = Step(local_day(occurred, schemes.timezone), sign * points_of(one.movement), posting.id)
            found[now.get(posting.member_id, posting.member_id)].append(step)
    return found


def _originals(ids: Iterable[UUID]) -> Mapping[UUID, _Original]:
    wanted = sorted(set(ids))
    found = rows_of(_ORIGINALS, [array(wanted)]) if wanted else []
    return {transaction_id: (occurred, posted) for transaction_id, occurred, posted in found}
