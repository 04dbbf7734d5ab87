"""What a pass over a file must remember from chunk to chunk, written in one statement each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from points.imports import contents
from points.imports.models import ImportChunk, ImportPosting, ImportRun
from points.imports.rules.records import Record
from points.imports.rules.rows import first_key
from points.imports.rules.tallies import Accepted, Outcome, Tally
from points.ledger.rules.foresight import Standing
from shared.db import array, columns, execute, named, rows, text_array
from shared.errors import DomainError

_COUNT = """
INSERT INTO points_import_identity AS known (import_id, digest, occurrences)
SELECT %s, * FROM unnest(%s::uuid[], %s::bigint[]) ORDER BY 2
ON CONFLICT (import_id, digest) DO UPDATE SET occurrences = known.occurrences + excluded.occurrences
RETURNING digest, occurrences
"""
_REPEATS = """
INSERT INTO points_import_repeat (import_id, row, occurrence) SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[])
"""
_REFUSALS = """
INSERT INTO points_import_refusal (import_id, row, start, size, "column", code, detail)
SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[])
"""
_MEMBERS = """
INSERT INTO points_import_member AS known (import_id, member_id, change, issued, adjusted)
SELECT %s, * FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[]) ORDER BY 2
ON CONFLICT (import_id, member_id) DO UPDATE SET change = known.change + excluded.change,
    issued = known.issued + excluded.issued, adjusted = known.adjusted + excluded.adjusted
"""
# Each member by itself: a list on the second column of a key may be looked for in all of the first's rows.
_CHANGES = """
SELECT known.* FROM (SELECT DISTINCT unnest(%(members)s::uuid[])) AS one (id) CROSS JOIN LATERAL (
  SELECT member_id, change, issued, adjusted FROM points_import_member
  WHERE import_id = %(import)s AND member_id = one.id OFFSET 0) AS known
"""


def count_identities(run: ImportRun, identities: Mapping[int, str]) -> dict[int, int]:
    """Count the identities of rows, by their numbers; return and note which rows repeat one: the so-maniest each is."""
    together = Counter(identities.values())
    found = rows(_COUNT, [run.imported_id, array(list(together)), array(list(together.values()))])
    before = {digest.hex: total - together[digest.hex] for digest, total in found}
    repeats = {}
    for row, identity in identities.items():
        before[identity] += 1
        if before[identity] > 1:
            repeats[row] = before[identity]
    if repeats:
        execute(_REPEATS, [run.imported_id, array(list(repeats)), array(list(repeats.values()))])
    return repeats


def changes_before(run: ImportRun, member_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Return what earlier chunks change of where these members stand."""
    found = rows(_CHANGES, {"import": run.imported_id, "members": array(member_ids)})
    return {member_id: Standing(*changes) for member_id, *changes in found}


def add_members(run: ImportRun, changes: Mapping[UUID, Standing]) -> None:
    """Note what a chunk changes of where members stand."""
    said = columns([(one, change.spendable, change.issued, change.adjusted) for one, change in changes.items()], 4)
    execute(_MEMBERS, [run.imported_id, *(array(column) for column in said)])


def write_refusals(run: ImportRun, records: Sequence[Record], outcomes: Sequence[Outcome], *, first: int) -> None:
    """Note the refused rows of a chunk, which begins with row `first`, in place of what was foreseen for its rows."""
    if run.kind == "commit":
        over = [run.imported_id, first, first + len(records)]
        execute("DELETE FROM points_import_refusal WHERE import_id = %s AND row >= %s AND row < %s", over)
    refused = [
        (first + number, record.start, record.size, *_problem(outcome))
        for number, (record, outcome) in enumerate(zip(records, outcomes, strict=True))
        if isinstance(outcome, DomainError)
    ]
    if refused:
        *numbers, names, codes, details = columns(refused, 6)
        texts = [text_array(names), text_array(codes), text_array(details)]
        execute(_REFUSALS, [run.imported_id, *(array(column) for column in numbers), *texts])


def promise(run: ImportRun, found: Tally) -> None:
    """Note what a rehearsal says that the commit's chunk will come to which begins where this one does."""
    ImportChunk.objects.create(imported_id=run.imported_id, start=run.position, totals=dict(found.items()))


def promised(run: ImportRun) -> Tally | None:
    """Return what was promised of the next chunk, nothing where none begins there; None where there is no promise."""
    if run.kind != "commit":
        return None
    promises = ImportChunk.objects.filter(imported_id=run.imported_id, start__gte=run.position).order_by("start")
    if (found := promises.first()) is None:
        return None
    return Tally(**found.totals) if found.start == run.position else Tally()


def posted(run: ImportRun, outcomes: Sequence[Outcome], *, start: int) -> None:
    """Note what a chunk posted, so that it can be reversed; its rows begin at `start` in the file."""
    ids = [one.transaction_id for one in outcomes if isinstance(one, Accepted) and one.transaction_id]
    if ids:
        ImportPosting.objects.create(imported_id=run.imported_id, start=start, transaction_ids=ids)


_KEYS = f"SELECT t.source_key FROM {named('points_transaction')} t"
_REVERSED = """
INSERT INTO points_import_reversed AS known (programme_id, source_key, times)
SELECT %s, source_key, 1 FROM unnest(%s::text[]) AS k (source_key) ORDER BY 2
ON CONFLICT (programme_id, source_key) DO UPDATE SET times = known.times + 1
"""


def reversed_rows(programme_id: UUID, transaction_ids: Sequence[UUID]) -> None:
    """Note that the rows which these transactions posted count no more: another import may post them again."""
    keys = [first_key(row[0]) for row in rows(_KEYS, {"ids": array(transaction_ids)})]
    execute(_REVERSED, [programme_id, text_array(keys)])


def _problem(refusal: DomainError) -> tuple[str, str, str]:
    members = {name: value for name, value in refusal.members.items() if name != "column"}
    numbers = ", ".join(f"{name} {value}" for name, value in members.items())
    return str(refusal.members.get("column", "")), refusal.code, (refusal.detail or numbers or refusal.title)[:300]


def close(import_id: UUID) -> int:
    """Delete what only a running dry run needs; return how many members its rows are of."""
    ((members,),) = rows("SELECT count(*) FROM points_import_member WHERE import_id = %s", [import_id])
    contents.delete(import_id, *contents.MEMORIES)
    return int(members)
