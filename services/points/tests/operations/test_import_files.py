"""Files come in pieces, have limits, and are read line by line."""

from typing import Any

import pytest

from points.imports import operations, queries
from points.imports.errors import ContentDiffers, FileTooLarge, Incomplete, OffsetMismatch
from points.imports.models import ImportIdentity, ImportPiece
from points.imports.operations import chunks, reading, uploads
from shared.testing.proofs import nothing_written
from tests.factories import AT, points_of
from tests.import_factories import (
    HEAD,
    committed,
    make_import,
    programme,
    small_chunks,
    state_of,
    validate,
    validated,
    work,
)
from tests.voucher_factories import refused

__all__ = ["programme", "small_chunks"]  # fixtures
pytestmark = pytest.mark.django_db


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


def test_an_incomplete_or_empty_file_is_not_validated() -> None:
    made = make_import("abc")
    empty = make_import("")

    with refused(Incomplete) as refusal:
        operations.validate_import(made.id, size=4, at=AT)
    assert refusal.value.members == {"received": 3}
    with refused(Incomplete):
        validate(empty.id)
    operations.validate_import(made.id, size=3, at=AT)
