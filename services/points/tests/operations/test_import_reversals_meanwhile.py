"""What became meanwhile of the points of an import that is reversed."""

from typing import Any

import pytest

from points.expiry import operations as expiry
from points.imports.models import Import
from points.ledger import operations as ledger
from points.ledger.models import Transaction
from shared.db import rows
from shared.ids import new_id
from tests.factories import AT, buy, give, points_of, prove, register, spend, take_back
from tests.import_factories import OPERATOR
from tests.operations.import_conflicts import (
    _UNTOLD,
    conflict_in,
    file_of,
    ledger_now,
    programme,
    rehearsed,
    small_chunks,
)
from tests.operations.test_import_promises import DAY, HEAD, _become, commit, row, run_of, seen, work_at

__all__ = ["programme", "small_chunks"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("small_chunks")
def test_what_a_member_spent_meanwhile_is_owed_until_the_file_comes_again(member: Any, other_member: Any) -> None:
    give(member.id, 50)
    content = file_of(other_member, member)
    import_id = rehearsed(content)
    work_at(import_id, AT, chunks=2)
    spend(other_member.id, 4)
    spend(member.id, 1)

    assert work_at(import_id, AT).state == "failed"

    assert points_of(other_member.id) == (0, -4)
    prove()
    give(member.id, 1)
    assert work_at(commit(seen(content)), AT).state == "done"
    assert points_of(other_member.id) == (8, 0)
    assert rows(_UNTOLD) == []
    prove()


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("ends", ["before", "after"])
def test_nobody_owes_points_that_had_ended(member: Any, other_member: Any, ends: str) -> None:
    give(other_member.id, 5)
    lines = [row(member.id, "earn", 100, days_ago=200), row(member.id, "earn", 7, ends=AT - DAY)]
    lines += [row(member.id, "earn", 9), row(member.id, "redeem", 4), row(other_member.id, "redeem", 5)]
    before = ledger_now()
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=2)
    if ends == "before":
        assert expiry.expire_all(at=AT)[1] == 107
    conflict_in(import_id, 2)

    assert work_at(import_id, AT).state == "failed"

    assert ledger_now() == before
    assert (expiry.expire_all(at=AT)[1], points_of(member.id)) == (0, (0, 0))
    assert rows(_UNTOLD) == []
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_points_of_a_member_who_was_merged_meanwhile_are_taken_from_the_current_member(
    member: Any, other_member: Any
) -> None:
    register(third := new_id())
    give(member.id, 10)
    give(other_member.id, 3)
    lines = [row(member.id, "earn", 30), row(member.id, "redeem", 20), row(third, "earn", 1)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    whose = {"from_member_id": member.id, "into_member_id": other_member.id}
    ledger.merge_members(**whose, reason="r", actor_id=OPERATOR, void_holds=True, at=AT)
    conflict_in(import_id, 1)

    assert work_at(import_id, AT).state == "failed"

    assert [points_of(one) for one in (member.id, other_member.id, third)] == [(0, 0), (13, 0), (0, 0)]
    assert run_of(import_id, "reversal").accepted == 2
    assert rows(_UNTOLD) == []
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_what_came_to_nothing_before_is_left_alone(member: Any, other_member: Any) -> None:
    register(third := new_id())
    _become(None, 5)
    lines = [row(member.id, "earn", 30), row(other_member.id, "earn", 20), row(third, "earn", 1)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    cancelled, reversed_by_hand = Transaction.objects.order_by("id")
    ledger.cancel_pending(cancelled.id, reason="r", actor_id=OPERATOR, at=AT)
    ledger.reverse_transaction(reversed_by_hand.id, reason="r", actor_id=OPERATOR, at=AT)
    conflict_in(import_id, 1)

    found = work_at(import_id, AT)

    back = run_of(import_id, "reversal")
    assert (found.state, found.error["posted_rows"], back.known, back.accepted) == ("failed", 0, 2, 0)
    assert ledger_now() == {}
    assert seen(HEAD + "".join(lines)).accepted == 3
    prove()


@pytest.mark.usefixtures("small_chunks")
def test_a_row_that_paid_for_a_purchase_stays_and_is_named(member: Any, other_member: Any) -> None:
    give(member.id, 50)
    lines = [row(member.id, "redeem", 30), row(member.id, "earn", 5), row(other_member.id, "earn", 1)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    paid = Transaction.objects.get(kind="redeemed")
    buy(member.id, {"book": (1, 3000)}, redemption_ids=(paid.id,), money_amount=0)
    conflict_in(import_id, 1)

    found = work_at(import_id, AT)

    assert found.state == "failed"
    assert (found.error["posted_rows"], found.error["posted_points"]) == (1, -30)
    assert found.error["not_reversed"] == [str(paid.id)]
    back = run_of(import_id, "reversal")
    assert (back.accepted, back.refused, back.refused_by_code) == (1, 1, {"points.pays_purchase": 1})
    assert points_of(member.id) == (20, 0)
    assert seen(HEAD + "".join(lines)).known == 1
    prove()


def test_debts_that_rows_paid_are_owed_again(member: Any, other_member: Any, small_chunks: None) -> None:
    bought = buy(member.id, {"book": (1, 5000)})
    spend(member.id, 50)
    take_back(bought)
    before = ledger_now()
    lines = [row(member.id, "earn", 30), row(member.id, "earn", 25), row(member.id, "redeem", 5)]
    import_id = rehearsed(HEAD + "".join(lines))
    work_at(import_id, AT, chunks=1)
    assert points_of(member.id) == (5, 0)
    conflict_in(import_id, 1)

    assert work_at(import_id, AT).state == "failed"

    assert (points_of(member.id), ledger_now()) == ((0, -50), before)
    assert Import.objects.get(id=import_id).error["posted_rows"] == 0
    prove()
