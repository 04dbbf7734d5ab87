"""What becomes of a chunk's rows: foreseen without effect, or posted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from points.imports import queries
from points.imports.models import Import, ImportRun
from points.imports.operations import notes
from points.imports.rules.plan import plan_from
from points.imports.rules.rows import Command, key_after, posting_of
from points.imports.rules.tallies import Accepted, EarnsNothing, Known, LeftOut, Outcome
from points.ledger.errors import MemberMerged
from points.ledger.merges import aliases
from points.ledger.operations import post, refuse_unknown
from points.ledger.queries import by_source_key
from points.ledger.rules.earnings import Terms
from points.ledger.rules.foresight import Standing, foresee, has_ended
from points.ledger.rules.postings import same_or_refuse
from points.ledger.rules.values import Posted, Posting
from points.ledger.spendable import standings
from points.members.queries import unknown_of
from points.programmes.rules import Programme
from shared.errors import DomainError
from shared.ids import new_ids

Commands = Sequence[Command | DomainError]


class _ToPost(NamedTuple):
    """A row that is to be posted, and what it is when it was."""

    posting: Posting
    accepted: Accepted


def foreseen(found: Import, run: ImportRun, commands: Commands, terms: Programme, *, at: datetime) -> list[Outcome]:
    """Tell what posting these rows would come to now, and move nothing."""
    identities = {
        run.rows + n: command.identity for n, command in enumerate(commands, 1) if isinstance(command, Command)
    }
    rows = _rows(found, run, commands, terms, notes.count_identities(run, identities))
    book = _Book(found, run, [row.posting for row in rows if isinstance(row, _ToPost)], at=at)
    outcomes = [book.outcome(row) if isinstance(row, _ToPost) else row for row in rows]
    notes.add_members(run, book.changes())
    return outcomes


class _Book:
    """Where the members of a chunk stand, and what was posted before."""

    def __init__(self, found: Import, run: ImportRun, postings: Sequence[Posting], *, at: datetime) -> None:
        members = list({posting.member_id for posting in postings})
        self.at = at
        self.earlier = by_source_key([one.source_key for one in postings if one.source_key])
        self.merged = aliases(members)
        self.before = standings(found.programme_id, members, at=at)
        for member_id, change in notes.changes_before(run, members).items():
            self.before[member_id] = self.before.get(member_id, Standing()).plus(change)
        self.after: dict[UUID, Standing] = {}

    def outcome(self, row: _ToPost) -> Outcome:
        """Tell what becomes of a row, upon those before it."""
        posting, member_id = row.posting, row.posting.member_id
        try:
            if before := self.earlier.get(posting.source_key or ""):
                same_or_refuse(before, posting)
                return Known()
            if into := self.merged.get(member_id):
                raise MemberMerged(member_id=str(member_id), merged_into=str(into))
            stands = self.after.get(member_id) or self.before.get(member_id, Standing())
            self.after[member_id] = foresee(posting, stands, at=self.at)
        except DomainError as refusal:
            return refusal
        return row.accepted

    def changes(self) -> dict[UUID, Standing]:
        """Return what the chunk changes of the members that it has something for."""
        return {one: stands.plus(self.before.get(one, Standing()), -1) for one, stands in self.after.items()}


def posted(found: Import, run: ImportRun, commands: Commands, terms: Programme, *, at: datetime) -> list[Outcome]:
    """Post these rows."""
    repeats = queries.repeats_of(found.id, after=run.rows, to=run.rows + len(commands))
    rows = _rows(found, run, commands, terms, repeats)
    answers = iter(post([row.posting for row in rows if isinstance(row, _ToPost)], at=at))
    return [_posted(row, next(answers)) if isinstance(row, _ToPost) else row for row in rows]


def _posted(row: _ToPost, answer: Posted | DomainError) -> Outcome:
    if isinstance(answer, DomainError):
        return answer
    return Known() if answer.is_repeated else row.accepted


def _rows(
    found: Import, run: ImportRun, commands: Commands, terms: Programme, repeats: Mapping[int, int]
) -> list[_ToPost | Outcome]:
    """Return what is to be posted of each row, or what becomes of it where nothing is."""
    actor_id, at = found.committed_by or found.created_by, found.judged_at or found.created_at
    leaves_out = plan_from(found.plan).already_expired == "leave_out"
    known: dict[object, Terms] = {}
    made = [
        command
        if isinstance(command, DomainError)
        else _row(
            command,
            repeats.get(row, 1),
            terms,
            leaves_out,
            posting_id=posting_id,
            actor_id=actor_id,
            at=at,
            known=known,
        )
        for row, (command, posting_id) in enumerate(zip(commands, new_ids(len(commands)), strict=True), run.rows + 1)
    ]
    return _of_members(_anew(made, terms))


def _anew(made: list[_ToPost | Outcome], terms: Programme) -> list[_ToPost | Outcome]:
    """Return what is to be posted, rows whose postings were reversed under a new key, so that they are not known."""
    keys = [row.posting.source_key or "" for row in made if isinstance(row, _ToPost)]
    if not keys or not (times := queries.times_reversed(terms.id, keys)):
        return made
    return [_with_key(row, times) if isinstance(row, _ToPost) else row for row in made]


def _with_key(row: _ToPost, times: Mapping[str, int]) -> _ToPost:
    key = row.posting.source_key or ""
    return row._replace(posting=structs.replace(row.posting, source_key=key_after(key, times.get(key, 0))))


def _of_members(made: list[_ToPost | Outcome]) -> list[_ToPost | Outcome]:
    """Refuse earnings where the programme wants members who registered; of the rest, note whose did not."""
    to_post = [row.posting for row in made if isinstance(row, _ToPost)]
    unknown, answers = unknown_of({posting.member_id for posting in to_post}), iter(refuse_unknown(to_post))
    return [_of_member(row, next(answers), unknown) if isinstance(row, _ToPost) else row for row in made]


def _of_member(row: _ToPost, answer: Posting | DomainError, unknown: set[UUID]) -> _ToPost | Outcome:
    if isinstance(answer, DomainError):
        return answer
    return _ToPost(answer, structs.replace(row.accepted, is_unknown=answer.member_id in unknown))


def _row(
    command: Command, occurrence: int, terms: Programme, leaves_out: bool, *, at: datetime, **how: Any
) -> _ToPost | Outcome:
    try:
        posting = posting_of(command, occurrence, terms, at=at, **how)
    except DomainError as refusal:
        return refusal
    if not posting.points:
        return EarnsNothing()
    ended = has_ended(posting, at=at)
    if ended and leaves_out:
        return LeftOut(command)
    return _ToPost(posting, Accepted(command, ended, transaction_id=posting.id))
