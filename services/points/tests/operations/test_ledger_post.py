"""The function that writes decided postings: whatever it is given, its rows hold together or nothing is written."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from points.ledger.models import Account, Allocation, Entry, Lot, Transaction
from points.ledger.operations import merge_members
from points.ledger.rules.values import BUCKETS, Kind
from points.programmes.queries import default_programme
from shared.db import rows
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, prove, spend
from tests.invariants.written import AVAILABLE, ISSUED, NO_LOTS, REDEEMED, earnings, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    give(member.id, 100)
    spend(member.id, 30)
    return member.id


@pytest.fixture
def mine(me: UUID) -> Account:
    return Account.objects.get(member_id=me)


@pytest.fixture
def other(mine: Account) -> Account:
    """Another member's account, with 50 points; its number is after mine."""
    give(new_id(), 50)
    return Account.objects.exclude(id=mine.id).get()


def redemptions(mine: Account, other: Account, lots: list[Lot], *points: int) -> dict[str, Any]:
    """What a redemption by me and one by the other are written with, each from one of these lots."""
    return earnings(
        mine,
        other,
        **NO_LOTS,
        ids=[str(new_id()), str(new_id())],
        accounts=[mine.id, other.id],
        kinds=["redeemed"],
        references=["a", "b"],
        source_keys=[None],
        entry_of=[1, 1, 2, 2],
        versions=[mine.version + 1, mine.version + 2, other.version + 1, other.version + 2],
        buckets=[AVAILABLE, REDEEMED] * 2,
        changes=[-points[0], points[0], -points[1], points[1]],
        balances=[70 - points[0], 50 - points[1]],
        balances_after=[70 - points[0], 30 + points[0], 50 - points[1], points[1]],
        taken_of=[1, 2],
        taken=[str(lot.id) for lot in lots],
        taken_points=list(points),
    )


@pytest.fixture
def lots(mine: Account, other: Account) -> list[Lot]:
    return [Lot.objects.get(account=mine), Lot.objects.get(account=other)]


def test_it_takes_from_each_accounts_lots(mine: Account, other: Account, lots: list[Lot]) -> None:
    write(redemptions(mine, other, lots, 5, 6))

    assert [Lot.objects.get(id=lot.id).remaining for lot in lots] == [65, 44]
    assert list(Allocation.objects.filter(lot=lots[1]).values_list("points", flat=True)) == [6]
    prove()


@pytest.mark.parametrize("whose", [(1, 0), (0, 0), (1, 1)])
def test_it_takes_from_nobody_elses_lots(
    mine: Account, other: Account, lots: list[Lot], whose: tuple[int, int]
) -> None:
    command = redemptions(mine, other, [lots[place] for place in whose], 5, 6)

    with nothing_written(), pytest.raises(IntegrityError, match="stays within its account"), transaction.atomic():
        write(command)


def test_it_takes_no_more_than_there_is(mine: Account, other: Account, lots: list[Lot]) -> None:
    with nothing_written(), pytest.raises(IntegrityError, match="each bucket has its sign"), transaction.atomic():
        write(redemptions(mine, other, lots, 5, 51))


def test_it_writes_no_list_with_a_merged_member(me: UUID, other: Account) -> None:
    programme_id, into = default_programme().id, new_id()
    merge_members(from_member_id=me, into_member_id=into, reason="twice", actor_id=new_id(), at=AT)
    merged = Account.objects.get(programme_id=programme_id, member_id=me)

    with nothing_written(), pytest.raises(IntegrityError, match="a merged account is empty"), transaction.atomic():
        write(earnings(merged, other))


def test_it_writes_all_rows_of_a_list(mine: Account, other: Account) -> None:
    write(command := earnings(mine, other))

    made = Transaction.objects.filter(id__in=command["ids"]).order_by("reference")
    columns = "version", "points", "change", "balance_after", "reference", "reason", "source_key", "posted_at"
    assert list(made.values_list(*columns)) == [
        (6, 10, 10, 80, "a", "gift", None, AT),
        (4, 30, 30, 80, "b", "gift", "k", AT),
        (8, 20, 20, 100, "c", "gift", None, AT),
    ]
    entries = Entry.objects.filter(transaction=command["ids"][2]).order_by("version")
    assert list(entries.values_list("version", "bucket", "points", "balance_after")) == [
        (7, "available", 20, 100),
        (8, "issued", -20, -130),
    ]
    lot = Lot.objects.get(id=command["ids"][1])
    assert (lot.account_id, lot.number, lot.points, lot.remaining, lot.opened_by_id) == (other.id, 4, 30, 30, None)
    prove()


def test_a_lot_opens_and_is_eaten_in_one_list(mine: Account, other: Account) -> None:
    """My second posting spends what the first brought, and 5 points of it come back with the third."""
    lot, version = str(new_id()), mine.version
    command = earnings(
        mine,
        other,
        ids=[lot, str(new_id()), str(new_id())],
        accounts=[mine.id] * 3,
        kinds=["earned", "redeemed", "restored"],
        balances=[80, 70, 75],
        versions=list(range(version + 1, version + 7)),
        buckets=[AVAILABLE, ISSUED, AVAILABLE, REDEEMED, AVAILABLE, REDEEMED],
        changes=[10, -10, -10, 10, 5, -5],
        balances_after=[80, -110, 70, 40, 75, 35],
        opened_of=[1],
        opened=[lot],
        opened_points=[10],
        opened_numbers=[version + 2],
        taken_of=[2, 3],
        taken=[lot, lot],
        taken_points=[10, -5],
    )

    write(command)

    assert list(Lot.objects.filter(id=lot).values_list("points", "remaining")) == [(10, 5)]
    prove()


def test_one_posting_is_a_list_of_one(mine: Account) -> None:
    """My redemption takes from my lot, and a part of it comes back."""
    lot, entries = Lot.objects.get(account=mine), {"entry_of": [1, 1], "buckets": [AVAILABLE, REDEEMED]}
    one = {"accounts": [mine.id], "opened_ends": [], "opened_days": [], "references": ["a"], "source_keys": [None]}
    one |= {**entries, **NO_LOTS, "taken_of": [1], "taken": [str(lot.id)]}

    for kind, points, balances in (("redeemed", -5, [65, 35]), ("restored", 3, [68, 32])):
        mine.refresh_from_db()
        numbers = [mine.version + 1, mine.version + 2]
        more = {"ids": [str(new_id())], "kinds": [kind], "versions": numbers, "changes": [points, -points]}
        more |= {"balances": balances[:1], "balances_after": balances, "taken_points": [-points]}
        write(earnings(mine, mine, **one, **more))

    lot.refresh_from_db()
    assert lot.remaining == 68
    assert list(Allocation.objects.filter(lot=lot).values_list("points", flat=True)) == [30, 5, -3]
    prove()


def test_it_and_the_engine_number_buckets_and_kinds_alike() -> None:
    ((source,),) = rows("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_post'")
    names, kinds = re.findall(r"'\{([\w,\s]+)\}'", source)

    assert tuple(names.split(",")) == BUCKETS
    assert set(re.findall(r"\w+", kinds)) == set(Kind)


def test_it_serves_the_web_role(mine: Account, other: Account) -> None:
    write(earnings(mine, other))

    assert [Account.objects.get(id=one.id).available for one in (mine, other)] == [100, 80]
