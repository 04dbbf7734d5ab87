"""Files of postings: judged without effect, posted once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from points.imports import operations, queries
from points.imports.errors import (
    ContentDiffers,
    FileTooLarge,
    Incomplete,
    NotAsExpected,
    OffsetMismatch,
    RowsRefused,
    WrongState,
)
from points.imports.models import Import, ImportIdentity, ImportMember, ImportPiece, ImportRefusal, ImportRun
from points.imports.operations import chunks, reading, uploads
from points.ledger import operations as ledger
from points.ledger.models import Transaction
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from shared.db import execute
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing.owner import as_owner
from shared.testing.proofs import contents, nothing_written
from tests.factories import AT, give, hold, make_programme, points_of, prove
from tests.import_factories import LATER, OPERATOR, committed, make_import, validated, work
from tests.voucher_factories import refused

pytestmark = pytest.mark.django_db
HEAD = "Card,Points\n"


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 3)


def state_of(run: ImportRun) -> tuple[int, int, int, int]:
    return run.rows, run.accepted, run.known, run.refused


def codes(import_id: Any) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in queries.refusals_of(import_id)]


def test_a_file_is_validated_without_effect_and_then_posted(member: Any, other_member: Any) -> None:
    content = f"{HEAD}{member.id},100\n{other_member.id},50\n{member.id},7\n"

    seen = validated(content)

    assert state_of(seen) == (3, 3, 0, 0)
    assert (seen.earned, seen.earned_rows, seen.members) == (157, 3, 2)
    assert not Transaction.objects.exists()
    operations.commit_import(seen.imported_id, rows=3, points=157, committed_by=OPERATOR, at=LATER)
    work()
    done = Import.objects.get()
    assert (done.state, points_of(member.id), points_of(other_member.id)) == ("done", (107, 0), (50, 0))
    run = ImportRun.objects.get(kind="commit")
    assert (*state_of(run), run.earned, run.position) == (3, 3, 0, 0, 157, done.bytes)
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_chunk_follows_chunk_and_what_a_validation_needed_is_deleted(member: Any) -> None:
    lines = "".join(f"{member.id},{points}\n\n" for points in range(1, 11))

    run = committed(HEAD + lines, piece=50)

    assert (*state_of(run), run.earned) == (10, 10, 0, 0, 55)
    assert not ImportIdentity.objects.exists()
    assert not ImportMember.objects.exists()
    # Four chunks for each pass; the last one of each finds the end of the file.
    assert Import.objects.get().chunk == 10
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_the_same_file_again_changes_nothing_and_says_how_many_rows_were_known(member: Any) -> None:
    lines = HEAD + "".join(f"{member.id},{points}\n" for points in (5, 5, 5, 5, 7))
    assert committed(lines).accepted == 5

    again = validated(lines)

    assert state_of(again) == (5, 0, 5, 0)
    assert state_of(committed(lines)) == (5, 0, 5, 0)
    assert (Transaction.objects.count(), points_of(member.id)) == (5, (27, 0))


def test_a_file_with_more_rows_than_the_last_posts_the_new_ones(member: Any) -> None:
    committed(f"{HEAD}{member.id},5\n{member.id},7\n")

    run = committed(f"Shop,POINTS,card\n,7,{member.id}\n,5,{member.id}\n,5,{member.id}\n")

    assert (*state_of(run), run.earned) == (3, 1, 2, 0, 5)


def test_rows_with_keys_are_known_by_them(member: Any) -> None:
    named: dict[str, Any] = {"key": ("No",)}
    committed(f"No,Card,Points\n1,{member.id},5\n", **named)

    run = committed(f"No,Card,Points\n1,{member.id},5\n2,{member.id},5\n2,{member.id},5\n1,{member.id},6\n", **named)

    assert state_of(run) == (4, 1, 1, 2)
    assert codes(run.imported_id) == [(3, "imports.key_repeated"), (4, "imports.key_repeated")]
    changed = committed(f"No,Card,Points\n1,{member.id},6\n", **named)
    assert codes(changed.imported_id) == [(1, "points.key_reused")]
    assert points_of(member.id) == (10, 0)


def test_each_kind_of_row_and_its_totals(member: Any) -> None:
    columns = {"member_id": "Card", "points": "Points", "amount": "Total", "kind": "Type"}
    lines = ["Card;Type;Points;Total", f"{member.id};Kauf;;12,99", f"{member.id};Einl;5;", f"{member.id};Korr;-2;"]
    lines += [f"{member.id};Korr;3;", f"{member.id};Kauf;100;1,00"]
    kinds = {"kauf": "earn", "einl": "redeem", "korr": "adjust"}

    run = committed("\r\n".join(lines), columns=columns, constants={}, kinds=kinds, decimal_mark=",")

    assert (run.earned, run.redeemed, run.added, run.deducted, run.amount) == (112, 5, 3, 2, 1299)
    assert (run.earned_rows, run.redeemed_rows, run.adjusted_rows) == (2, 1, 2)
    assert points_of(member.id) == (108, 0)
    assert set(Transaction.objects.values_list("actor_id", flat=True)) == {OPERATOR}
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_points_that_will_wait_are_not_foreseen_to_pay_in_a_later_chunk(programme: Any, member: Any) -> None:
    change_programme(programme.id, changes={"pending_days": 14}, at=AT)
    columns = {"member_id": "Card", "points": "Points", "kind": "Type"}
    rows = [("earn", 50), ("earn", 1), ("earn", 2), ("redeem", 10)]

    seen = validated(
        "Card,Type,Points\n" + "".join(f"{member.id},{kind},{points}\n" for kind, points in rows), columns=columns
    )

    assert state_of(seen) == (4, 3, 0, 1)
    assert codes(seen.imported_id) == [(4, "points.insufficient")]


def test_what_is_due_by_then_is_foreseen_to_pay(member: Any) -> None:
    before = AT - timedelta(days=1)
    give(member.id, 30, at=before)
    hold(member.id, 20, expires_at=AT, at=before)
    give(member.id, 8, wait=Wait(at=AT), at=before)

    seen = validated(f"{HEAD}{member.id},38\n", constants={"kind": "redeem"})
    over = validated(f"{HEAD}{member.id},39\n", constants={"kind": "redeem"})

    assert (state_of(seen), codes(seen.imported_id)) == ((1, 1, 0, 0), [])
    assert [one.detail for one in queries.refusals_of(over.imported_id)] == ["requested 39, available 38"]


@pytest.mark.usefixtures("small_chunks")
def test_spending_beyond_the_balance_is_foreseen_over_all_chunks(member: Any) -> None:
    give(member.id, 10)
    columns = {"member_id": "Card", "points": "Points", "kind": "Type"}
    rows = [("redeem", 8), ("earn", 5), ("redeem", 8), ("earn", 1), ("earn", 2), ("redeem", 2), ("redeem", 1)]
    lines = "Card,Type,Points\n" + "".join(f"{member.id},{kind},{points}\n" for kind, points in rows)

    seen = validated(lines, columns=columns, constants={})

    assert codes(seen.imported_id) == [(3, "points.insufficient")]
    assert (seen.accepted, seen.redeemed) == (6, 11)
    operations.commit_import(seen.imported_id, without_refused=True, committed_by=OPERATOR, at=LATER)
    work()
    assert codes(seen.imported_id) == [(3, "points.insufficient")]
    assert points_of(member.id) == (7, 0)


def test_what_was_foreseen_and_came_otherwise_is_published_as_it_came(member: Any) -> None:
    content = f"{HEAD}{member.id},5\n"
    seen = validated(content, constants={"kind": "redeem"})
    assert codes(seen.imported_id) == [(1, "points.insufficient")]
    give(member.id, 5)

    operations.commit_import(seen.imported_id, without_refused=True, committed_by=OPERATOR, at=LATER)
    work()

    assert codes(seen.imported_id) == []
    assert points_of(member.id) == (0, 0)


def test_refused_rows_are_told_with_their_lines(member: Any) -> None:
    run = validated(f'{HEAD}=1+1,5\n{member.id},x\n"{member.id}\n{member.id},5,6\n{member.id},7\n', piece=60)

    found = [(one.row, one.column, one.code, one.line) for one in queries.refusals_of(run.imported_id)]
    assert found == [
        (1, "Card", "imports.invalid_value", b"=1+1,5\n"),
        (2, "Points", "imports.invalid_value", f"{member.id},x\n".encode()),
        (3, "", "imports.row_malformed", f'"{member.id}\n'.encode()),
        (4, "", "imports.row_malformed", f"{member.id},5,6\n".encode()),
    ]
    assert state_of(run) == (5, 1, 0, 4)


def test_a_line_longer_than_what_is_read_at_once_is_one_refused_row(
    member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WINDOW", 200_000)
    good = f"{member.id},5\n"

    run = committed(HEAD + good + "x" * 1_000_000 + "\n" + good + "y" * 500_000)

    assert state_of(run) == (4, 2, 0, 2)
    assert points_of(member.id) == (10, 0)


def test_a_change_of_the_programme_after_the_validation_changes_no_points(member: Any, programme: Any) -> None:
    columns = {"member_id": "Card", "amount": "Total"}
    seen = validated(f"Card,Total\n{member.id},10.00\n", columns=columns)
    change_programme(programme.id, changes={"earn_points": 7}, at=AT)

    operations.commit_import(seen.imported_id, rows=1, points=10, committed_by=OPERATOR, at=LATER)
    work()

    assert points_of(member.id) == (10, 0)


def test_rows_of_unknown_members_are_refused_where_the_programme_says_so(member: Any, programme: Any) -> None:
    change_programme(programme.id, changes={"unknown_members": "refuse"}, at=AT)
    content = f"Card,Points\n{member.id},10\n{new_id()},20\n"

    seen = validated(content)
    done = committed(content)

    assert codes(seen.imported_id) == [(2, "members.unknown")] == codes(done.imported_id)
    assert (seen.accepted, done.accepted, points_of(member.id)) == (1, 1, (10, 0))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("\n\n", "imports.file_unreadable"),
        ("Card,Points,card\n", "imports.file_unreadable"),
        ("Card,Total\n", "imports.column_missing"),
        (b"\xff\xfeC\x00", "imports.file_unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_fails_as_a_whole(content: Any, code: str) -> None:
    made = make_import(content)
    operations.validate_import(made.id, at=AT)

    work()

    made.refresh_from_db()
    assert (made.state, made.error["code"]) == ("failed", code)


@pytest.mark.parametrize(
    ("limit", "code"), [("MOST_REFUSED", "imports.too_many_refused"), ("MOST_ROWS", "imports.too_many_rows")]
)
@pytest.mark.usefixtures("small_chunks")
def test_a_file_without_hope_is_given_up(monkeypatch: pytest.MonkeyPatch, limit: str, code: str) -> None:
    monkeypatch.setattr(chunks, limit, 5)
    made = make_import(HEAD + "x,1\n" * 9)
    operations.validate_import(made.id, at=AT)

    work()

    made.refresh_from_db()
    assert (made.state, made.error) == ("failed", {"code": code, "title": made.error["title"], "limit": 5})
    assert not ImportIdentity.objects.exists()


def test_pieces_follow_each_other_and_the_same_one_again_changes_nothing() -> None:
    made = make_import("abc")
    operations.add_piece(made.id, offset=3, content=b"def")

    with nothing_written():
        for offset, content in ((0, b"abc"), (3, b"def")):
            assert operations.add_piece(made.id, offset=offset, content=content).bytes == 6
        with refused(ContentDiffers):
            operations.add_piece(made.id, offset=0, content=b"abX")
        for offset in (1, 5, 7):
            with refused(OffsetMismatch) as refusal:
                operations.add_piece(made.id, offset=offset, content=b"x")
            assert refusal.value.members == {"expected": 6}


def test_a_file_has_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_import("abc")
    monkeypatch.setattr(uploads, "LARGEST_FILE", 5)
    with refused(FileTooLarge):
        operations.add_piece(made.id, offset=3, content=b"def")
    monkeypatch.setattr(uploads, "MOST_PIECES", 1)
    with refused(FileTooLarge):
        operations.add_piece(made.id, offset=3, content=b"d")
    assert ImportPiece.objects.count() == 1


def refusals(import_id: Any, *moves: Any) -> Iterator[type[DomainError]]:
    for move in moves:
        with nothing_written(), refused(DomainError) as refusal:
            move(import_id)
        yield refusal.type


def validate(import_id: Any) -> Any:
    return operations.validate_import(import_id, at=LATER)


def commit(import_id: Any, **expected: Any) -> Any:
    return operations.commit_import(import_id, committed_by=OPERATOR, at=LATER, **expected)


def cancel(import_id: Any) -> Any:
    return operations.IMPORTS.cancel(import_id, at=LATER)


def upload(import_id: Any) -> Any:
    return operations.add_piece(import_id, offset=0, content=b"x")


def test_what_each_state_does_not_allow(member: Any) -> None:
    made = make_import(f"{HEAD}{member.id},5\n")
    assert list(refusals(made.id, commit)) == [WrongState]
    validate(made.id)
    assert validate(made.id).chunk == 1
    assert list(refusals(made.id, commit, upload)) == [WrongState, WrongState]
    work()
    assert list(refusals(made.id, upload)) == [WrongState]
    commit(made.id)
    assert list(refusals(made.id, commit, upload, validate)) == [WrongState] * 3
    work()
    assert list(refusals(made.id, commit, upload, validate, cancel)) == [WrongState] * 4


def test_a_commit_that_expects_something_else_is_refused(member: Any) -> None:
    run = validated(f"{HEAD}{member.id},5\nx,1\n")
    wrong: list[dict[str, Any]] = [{"rows": 2}, {"points": 6}, {"rows": 1, "points": 4}]

    for expected in wrong:
        with nothing_written(), refused(NotAsExpected):
            commit(run.imported_id, **expected)
    with nothing_written(), refused(RowsRefused) as refusal:
        commit(run.imported_id, rows=1, points=5)
    assert refusal.value.members == {"refused": 1}
    commit(run.imported_id, rows=1, points=5, without_refused=True)
    work()
    assert points_of(member.id) == (5, 0)


def test_an_incomplete_or_empty_file_is_not_validated() -> None:
    made = make_import("abc")
    empty = make_import("")

    with refused(Incomplete) as refusal:
        operations.validate_import(made.id, size=4, at=AT)
    assert refusal.value.members == {"received": 3}
    with refused(Incomplete):
        validate(empty.id)
    operations.validate_import(made.id, size=3, at=AT)


@pytest.mark.usefixtures("small_chunks")
def test_a_cancelled_commit_keeps_what_it_posted_and_another_import_posts_the_rest(member: Any) -> None:
    content = HEAD + "".join(f"{member.id},{points}\n" for points in range(1, 8))
    run = validated(content)
    commit(run.imported_id)
    step = Import.objects.get().chunk
    operations.IMPORTS.run_chunk(run.imported_id, chunk=step, at=LATER)

    assert cancel(run.imported_id).state == "cancelled"

    with nothing_written():
        cancel(run.imported_id)
        operations.IMPORTS.run_chunk(run.imported_id, chunk=step + 1, at=LATER)
    assert points_of(member.id) == (6, 0)
    assert state_of(committed(content)) == (7, 4, 3, 0)
    assert points_of(member.id) == (28, 0)
    prove()


def test_a_validation_may_be_repeated_and_counts_anew(member: Any) -> None:
    content = f"{HEAD}{member.id},5\n{member.id},5\nx,1\n"
    first = validated(content)
    committed(f"{HEAD}{member.id},5\n")

    validate(first.imported_id)
    work()

    again = ImportRun.objects.get(imported_id=first.imported_id, kind="validation")
    assert (state_of(first), state_of(again)) == ((3, 2, 0, 1), (3, 1, 1, 1))


def test_a_chunk_that_was_done_is_not_done_again(member: Any) -> None:
    run = committed(f"{HEAD}{member.id},5\n")

    with nothing_written():
        for step in range(5):
            operations.IMPORTS.run_chunk(run.imported_id, chunk=step, at=LATER)
        operations.IMPORTS.run_chunk(new_id(), chunk=1, at=LATER)


class Killed(BaseException):
    """The process is gone."""


def killed_at(statement: int) -> Any:
    """Return a wrapper that ends the process instead of executing the so-maniest statement."""
    left = [statement]

    def wrapper(execute: Any, *arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return execute(*arguments)

    return connection.execute_wrapper(wrapper)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", ["validation", "commit"])
def test_a_worker_killed_before_any_statement_of_a_chunk_leaves_no_trace_of_it(member: Any, kind: str) -> None:
    content = HEAD + "".join(f"{member.id},{points}\n" for points in (1, 2, 2, 3, 4)) + "x,1\n"
    import_id = make_import(content).id
    (validate if kind == "validation" else ready_to_commit)(import_id)
    step, statement, before = Import.objects.get().chunk, 0, contents()

    while statement < 50:
        try:
            with killed_at(statement):
                operations.IMPORTS.run_chunk(import_id, chunk=step, at=LATER)
            break
        except Killed:
            assert contents() == before
            statement += 1

    assert 5 < statement < 50
    work()
    run = ImportRun.objects.get(kind=kind)
    assert (*state_of(run), run.earned) == (6, 5, 0, 1, 12)
    assert points_of(member.id) == ((12, 0) if kind == "commit" else (0, 0))


def ready_to_commit(import_id: Any) -> None:
    validate(import_id)
    work()
    commit(import_id, without_refused=True)


def test_files_are_purged_after_thirty_days_and_their_counts_stay(member: Any) -> None:
    run = committed(f"{HEAD}{member.id},5\nx,1\n")
    waiting = make_import("abc")

    assert operations.purge_imports(at=AT + timedelta(days=33)) == 0
    assert operations.purge_imports(at=AT + timedelta(days=34)) == 1

    assert not ImportRefusal.objects.exists()
    assert not ImportPiece.objects.filter(imported_id=run.imported_id).exists()
    assert ImportRun.objects.get(imported_id=run.imported_id, kind="commit").accepted == 1
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert operations.purge_imports(at=AT + timedelta(days=34)) == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points_import SET state = 'validated'",
        "UPDATE points_import SET bytes = bytes + 1",
        "UPDATE points_import SET finished_at = NULL, state = 'committing'",
        "DELETE FROM points_import",
        "TRUNCATE points_import CASCADE",
        "UPDATE points_import_run SET accepted = accepted + 1, earned_rows = earned_rows + 1, rows = rows + 1",
        "DELETE FROM points_import_run WHERE kind = 'commit'",
        "TRUNCATE points_import_run",
        "UPDATE points_import_piece SET content = 'x'",
    ],
)
def test_what_is_finished_cannot_be_changed_in_the_database(member: Any, change: str) -> None:
    committed(f"{HEAD}{member.id},5\n")

    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError):
        as_owner(change)


def test_points_that_wait_as_the_programme_says_are_no_help_to_later_rows(member: Any, programme: Any) -> None:
    change_programme(programme.id, changes={"pending_days": 14}, at=AT)
    columns = {"member_id": "Card", "points": "Points", "kind": "Type"}

    run = committed(f"Card,Type,Points\n{member.id},earn,5\n{member.id},redeem,5\n", columns=columns, constants={})

    assert codes(run.imported_id) == [(2, "points.insufficient")]
    assert Transaction.objects.get().account.pending == 5
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_nor_to_rows_of_later_chunks(member: Any, programme: Any) -> None:
    change_programme(programme.id, changes={"pending_days": 14}, at=AT)
    columns = {"member_id": "Card", "points": "Points", "kind": "Type"}
    earned = f"{member.id},earn,5\n" * 3

    seen = validated(f"Card,Type,Points\n{earned}{member.id},redeem,5\n", columns=columns, constants={})

    assert codes(seen.imported_id) == [(4, "points.insufficient")]
    assert (seen.earned, seen.redeemed) == (15, 0)


def test_rows_of_a_member_who_was_merged_are_foreseen_to_be_refused(member: Any, other_member: Any) -> None:
    give(member.id, 5)
    ledger.merge_members(from_member_id=member.id, into_member_id=other_member.id, reason="r", actor_id=OPERATOR, at=AT)

    run = validated(f"{HEAD}{member.id},5\n{other_member.id},7\n")

    assert codes(run.imported_id) == [(1, "points.member_merged")]
    assert state_of(run) == (2, 1, 0, 1)
