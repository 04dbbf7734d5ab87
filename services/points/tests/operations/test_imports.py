"""Files of postings: judged without effect, posted once."""

from typing import Any

import pytest

from points.imports import operations
from points.imports.models import Import, ImportIdentity, ImportMember, ImportRun
from points.ledger.models import Transaction
from points.programmes.operations import change_programme
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import AT, points_of, prove
from tests.import_factories import (
    HEAD,
    LATER,
    OPERATOR,
    codes,
    committed,
    programme,
    small_chunks,
    state_of,
    validate,
    validated,
    work,
)

__all__ = ["programme", "small_chunks"]  # fixtures
pytestmark = pytest.mark.django_db


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


def test_a_change_of_the_programme_after_the_validation_changes_no_points(member: Any, programme: Any) -> None:
    columns = {"member_id": "Card", "amount": "Total"}
    seen = validated(f"Card,Total\n{member.id},10.00\n", columns=columns)
    change_programme(programme.id, changes={"earn_points": 7}, at=AT)

    operations.commit_import(seen.imported_id, rows=1, points=10, committed_by=OPERATOR, at=LATER)
    work()

    assert points_of(member.id) == (10, 0)


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
