"""What becomes of a chunk's rows: foreseen without effect, or posted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from points.imports import queries
from points.imports.models import Import, ImportRun
from points.imports.operations import notes
from points.imports.rules.rows import Wish, posting_of
from points.imports.rules.tallies import Accepted, Known, Outcome, changes_of, foresee
from points.ledger.errors import MemberMerged
from points.ledger.operations import post, refuse_unknown
from points.ledger.queries import by_source_key
from points.ledger.rules.earnings import Terms
from points.ledger.rules.postings import same_or_refuse
from points.ledger.rules.values import Posted, Posting
from points.ledger.spendable import spendable
from points.programmes.rules import Programme
from shared.errors import DomainError
from shared.ids import new_ids

Wishes = Sequence[Wish | DomainError]


def foreseen(found: Import, run: ImportRun, wishes: Wishes, terms: Programme, *, at: datetime) -> list[Outcome]:
    """Tell what posting these rows would come to now, and move nothing."""
    identities = {run.rows + n: wish.identity for n, wish in enumerate(wishes, 1) if isinstance(wish, Wish)}
    postings = _postings(found, run, wishes, terms, notes.count_identities(run, identities))
    earlier = by_source_key([one.source_key for one in postings if isinstance(one, Posting) and one.source_key])
    members = list({wish.member_id for wish in wishes if isinstance(wish, Wish)})
    merged = queries.merged_into(members)
    left = spendable(found.programme_id, members, at=at)
    for member_id, change in notes.changes_before(run, members).items():
        left[member_id] = left.get(member_id, 0) + change
    outcomes: list[Outcome] = []
    for wish, posting in zip(wishes, postings, strict=True):
        if isinstance(wish, DomainError) or isinstance(posting, DomainError):
            assert isinstance(posting, DomainError)
            outcomes.append(posting)
        elif before := earlier.get(posting.source_key or ""):
            outcomes.append(_known(before, posting))
        elif into := merged.get(wish.member_id):
            outcomes.append(MemberMerged(member_id=str(wish.member_id), merged_into=str(into)))
        else:
            outcomes.append(foresee(wish, left, is_pending=posting.activates is not None))
    notes.add_members(run, changes_of(outcomes))
    return outcomes


def posted(found: Import, run: ImportRun, wishes: Wishes, terms: Programme, *, at: datetime) -> list[Outcome]:
    """Post these rows."""
    repeats = queries.repeats_of(found.id, after=run.rows, to=run.rows + len(wishes))
    postings = _postings(found, run, wishes, terms, repeats)
    answers = iter(post([one for one in postings if isinstance(one, Posting)], at=at))
    outcomes: list[Outcome] = []
    for wish, posting in zip(wishes, postings, strict=True):
        answer = next(answers) if isinstance(posting, Posting) else posting
        if isinstance(answer, Posted):
            assert isinstance(wish, Wish)
            outcomes.append(Known() if answer.is_repeated else Accepted(wish))
        else:
            outcomes.append(answer)
    return outcomes


def _postings(
    found: Import, run: ImportRun, wishes: Wishes, terms: Programme, repeats: Mapping[int, int]
) -> list[Posting | DomainError]:
    """Return the posting that each row wishes for, or why it has none."""
    actor_id, at = found.committed_by or found.created_by, found.judged_at or found.created_at
    known: dict[object, Terms] = {}
    made = [
        wish
        if isinstance(wish, DomainError)
        else _posting(wish, repeats.get(row, 1), terms, posting_id=posting_id, actor_id=actor_id, at=at, known=known)
        for row, (wish, posting_id) in enumerate(zip(wishes, new_ids(len(wishes)), strict=True), run.rows + 1)
    ]
    return refuse_unknown(made)


def _posting(wish: Wish, occurrence: int, terms: Programme, **how: Any) -> Posting | DomainError:
    try:
        return posting_of(wish, occurrence, terms, **how)
    except DomainError as refusal:
        return refusal


def _known(before: Posted, posting: Posting) -> Outcome:
    try:
        same_or_refuse(before, posting)
    except DomainError as refusal:
        return refusal
    return Known()
