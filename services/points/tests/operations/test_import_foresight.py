"""What a validation foresees of balances and members is what a commit comes to."""

from datetime import timedelta
from typing import Any

import pytest

from points.imports import operations, queries
from points.ledger import operations as ledger
from points.ledger.models import Transaction
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from shared.ids import new_id
from tests.factories import AT, give, hold, points_of, prove
from tests.import_factories import (
    HEAD,
    LATER,
    OPERATOR,
    codes,
    committed,
    programme,
    small_chunks,
    state_of,
    validated,
    work,
)

__all__ = ["programme", "small_chunks"]  # fixtures
pytestmark = pytest.mark.django_db


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


def test_rows_of_unknown_members_are_refused_where_the_programme_says_so(member: Any, programme: Any) -> None:
    change_programme(programme.id, changes={"unknown_members": "refuse"}, at=AT)
    content = f"Card,Points\n{member.id},10\n{new_id()},20\n"

    seen = validated(content)
    done = committed(content)

    assert codes(seen.imported_id) == [(2, "members.unknown")] == codes(done.imported_id)
    assert (seen.accepted, done.accepted, points_of(member.id)) == (1, 1, (10, 0))


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
