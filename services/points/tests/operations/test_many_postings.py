"""The function that writes a list of postings: whatever it is given, its rows fit or nothing is written."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from points.ledger.models import Account, Allocation, Entry, Lot, Transaction
from points.ledger.operations import merge_members
from points.ledger.rules.values import BUCKETS, Kind
from points.ledger.writing import _POST_MANY
from points.programmes.queries import default_programme
from shared.db import array, execute, rows
from shared.ids import new_id
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, prove, spend
from tests.operations.test_one_posting import OTHERWISE

pytestmark = pytest.mark.django_db
AVAILABLE, HELD, ISSUED, REDEEMED = (BUCKETS.index(name) + 1 for name in ("available", "held", "issued", "redeemed"))
NOBODYS = "00000000-0000-7000-8000-000000000000"


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


def earnings(mine: Account, other: Account, **changes: Any) -> dict[str, Any]:
    """What three earnings are written with: of 10 points and 20 to me, and of 30 to the other between them."""
    made = [str(new_id()) for _ in range(3)]
    first, second = mine.version, other.version
    return {
        "at": AT,
        "ids": made,
        "accounts": [mine.id, other.id, mine.id],
        "kinds": ["earned"],
        "balances": [80, 80, 100],
        "reverses": [None],
        "actors": [None],
        "occurred": [AT],
        "references": ["a", "b", "c"],
        "reasons": ["gift"],
        "source_keys": [None, "k", None],
        "entry_of": [1, 1, 2, 2, 3, 3],
        "versions": [first + 1, first + 2, second + 1, second + 2, first + 3, first + 4],
        "buckets": [AVAILABLE, ISSUED, AVAILABLE, ISSUED, AVAILABLE, ISSUED],
        "changes": [10, -10, 30, -30, 20, -20],
        "balances_after": [80, -110, 80, -80, 100, -130],
        "opened_of": [1, 2, 3],
        "opened": made,
        "opened_points": [10, 30, 20],
        "opened_numbers": [first + 2, second + 2, first + 4],
        "opened_ends": [None],
        "opened_days": [None],
        "taken_of": [],
        "taken": [],
        "taken_points": [],
    } | changes


def write(wish: dict[str, Any]) -> None:
    _POST_MANY.execute({name: array(value) if isinstance(value, list) else value for name, value in wish.items()})


NO_LOTS = {name: [] for name in ("opened_of", "opened", "opened_points", "opened_numbers")}
UNLIKE = "an account moves as its new entries say"
LAWS: dict[str, tuple[dict[str, Any], str]] = {
    "one of an unknown kind": ({"kinds": ["earned", "given", "earned"]}, "of a kind and moves points"),
    "one of no kind": ({"kinds": ["earned", None, "earned"]}, "of a kind and moves points"),
    "one of an unknown bucket": ({"buckets": [1, 5, 10, 5, 1, 5]}, "an entry changes a bucket"),
    "one of no bucket": ({"buckets": [1, 5, None, 5, 1, 5]}, "an entry changes a bucket"),
    "an entry that moves nothing": (
        {"entry_of": [1, 1, 2, 2, 3, 3, 3], "buckets": [1, 5, 1, 5, 1, 2, 5], "changes": [10, -10, 30, -30, 20, 0, -20]}
        | {"versions": [5, 6, 3, 4, 7, 8, 9], "balances_after": [80, -110, 80, -80, 100, 0, -130]},
        "an entry changes a bucket",
    ),
    "an entry of nothing": ({"changes": [10, None, 30, -30, 20, -20]}, "an entry changes a bucket"),
    "fewer changes than entries": ({"changes": [10, -10, 30, -30, 20]}, "an entry changes a bucket"),
    "one that does not sum to zero": ({"changes": [10, -9, 30, -30, 20, -20]}, "sum to zero"),
    "two that sum to zero only together": ({"changes": [10, -9, 30, -30, 20, -21]}, "sum to zero"),
    "one that takes back what was issued": (
        {"buckets": [AVAILABLE, ISSUED, HELD, ISSUED, AVAILABLE, ISSUED], "changes": [10, -10, -30, 30, 20, -20]},
        "each bucket has its sign",
    ),
    "one without entries": ({"entry_of": [1, 1, 1, 1, 3, 3]}, UNLIKE),
    "one with lots and no entries": (
        {"entry_of": [1, 1, 3, 3], "versions": [5, 6, 7, 8], "buckets": [1, 5, 1, 5], "changes": [10, -10, 20, -20]},
        "a transaction has its entries",
    ),
    "one with nothing at all": (
        {"entry_of": [1, 1, 3, 3], "versions": [5, 6, 7, 8], "buckets": [1, 5, 1, 5], "changes": [10, -10, 20, -20]}
        | {"opened_of": [1, 3], "opened_points": [10, 20]},
        "a transaction has its entries: 2 of 3",
    ),
    "an entry of no posting": ({"entry_of": [1, 1, 2, 2, 3, 4]}, UNLIKE),
    "an entry of nobody": ({"entry_of": [1, 1, 2, 2, 3, None]}, UNLIKE),
    "another state than the present": ({"versions": [5, 6, 4, 5, 7, 8]}, UNLIKE),
    "numbers with a gap": ({"versions": [5, 6, 3, 4, 8, 9]}, UNLIKE),
    "numbers that another posting has": ({"versions": [5, 7, 3, 4, 6, 8]}, "a transaction has its entries"),
    "a number twice": ({"versions": [5, 5, 3, 4, 7, 8]}, "a transaction has its entries"),
    "no numbers": ({"versions": []}, UNLIKE),
    "no account": ({"accounts": [0, 0, 0]}, UNLIKE + ": 0"),
    "accounts of fewer postings": ({"accounts": []}, UNLIKE),
    "one without its lot": ({"opened_of": [1, 3], "opened_points": [10, 20]}, "lots move as the available points do"),
    "no lots": (NO_LOTS, "lots move as the available points do"),
    "a lot of more": ({"opened_points": [10, 31, 20]}, "lots move as the available points do"),
    "a lot that another posting opens": ({"opened_of": [1, 3, 3]}, "lots move as the available points do"),
    "two lots that fit only together": ({"opened_points": [11, 30, 19]}, "lots move as the available points do"),
    "a lot of nobody's": (
        {"opened_points": [10, 30, 21], "taken_of": [3], "taken": [NOBODYS], "taken_points": [1]},
        f"an allocation stays within its account: {NOBODYS}",
    ),
}


@pytest.mark.parametrize(("changes", "law"), LAWS.values(), ids=LAWS)
def test_it_writes_nothing_with(mine: Account, other: Account, changes: dict[str, Any], law: str) -> None:
    with nothing_written(), pytest.raises(IntegrityError, match=law), transaction.atomic():
        write(earnings(mine, other, **changes))

    prove()


def redemptions(mine: Account, other: Account, lots: list[Lot], *points: int) -> dict[str, Any]:
    """What a redemption by me and one by the other are written with, each from one of these lots."""
    return earnings(
        mine,
        other,
        **NO_LOTS,
        ids=[str(new_id()), str(new_id())],
        accounts=[mine.id, other.id],
        kinds=["redeemed"],
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
    wish = redemptions(mine, other, [lots[place] for place in whose], 5, 6)

    with nothing_written(), pytest.raises(IntegrityError, match="stays within its account"), transaction.atomic():
        write(wish)


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
    write(wish := earnings(mine, other))

    made = Transaction.objects.filter(id__in=wish["ids"]).order_by("reference")
    told = "version", "points", "change", "balance_after", "reference", "reason", "source_key", "posted_at"
    assert list(made.values_list(*told)) == [
        (6, 10, 10, 80, "a", "gift", None, AT),
        (4, 30, 30, 80, "b", "gift", "k", AT),
        (8, 20, 20, 100, "c", "gift", None, AT),
    ]
    entries = Entry.objects.filter(transaction=wish["ids"][2]).order_by("version")
    assert list(entries.values_list("version", "bucket", "points", "balance_after")) == [
        (7, "available", 20, 100),
        (8, "issued", -20, -130),
    ]
    lot = Lot.objects.get(id=wish["ids"][1])
    assert (lot.account_id, lot.number, lot.points, lot.remaining, lot.opened_by_id) == (other.id, 4, 30, 30, None)
    prove()


def test_a_lot_opens_and_is_eaten_in_one_list(mine: Account, other: Account) -> None:
    """My second posting spends what the first brought, and 5 points of it come back with the third."""
    lot, version = str(new_id()), mine.version
    wish = earnings(
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

    write(wish)

    assert list(Lot.objects.filter(id=lot).values_list("points", "remaining")) == [(10, 5)]
    prove()


def test_it_and_the_engine_number_buckets_and_kinds_alike() -> None:
    ((source,),) = rows("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_post_many'")
    names, kinds = re.findall(r"'\{([\w,\s]+)\}'", source)

    assert tuple(names.split(",")) == BUCKETS
    assert set(re.findall(r"\w+", kinds)) == set(Kind)


# As an older process does that still runs beside this one: the triggers look at it.
BY_STATEMENT = """
WITH t AS (
    INSERT INTO points_transaction (id, account_id, version, kind, points, change, balance_after, reference, reason,
                                    occurred_at, posted_at)
    SELECT gen_random_uuid(), id, version + 2, 'earned', 5, 5, available + 5, '', '', now(), now() FROM account
    RETURNING *
), e AS (
    INSERT INTO entry (account_id, version, transaction_id, bucket, points, balance_after)
    SELECT id, version + 1, (SELECT t.id FROM t WHERE account_id = a.id), 'available', 5, available + 5 FROM account a
    UNION ALL
    SELECT id, version + 2, (SELECT t.id FROM t WHERE account_id = a.id), 'issued', -5, issued - 5 FROM account a
), l AS (
    INSERT INTO lot (id, account_id, number, points, remaining, active_from)
    SELECT id, account_id, version, 5, 5, now() FROM t
) UPDATE account SET version = version + 2, available = available + 5, issued = issued - 5
"""


def test_one_statement_may_write_a_list_as_well(mine: Account, other: Account) -> None:
    execute(BY_STATEMENT)

    assert [Account.objects.get(id=one.id).available for one in (mine, other)] == [75, 55]
    prove()


def test_it_serves_the_web_role(mine: Account, other: Account) -> None:
    write(earnings(mine, other))

    assert [Account.objects.get(id=one.id).available for one in (mine, other)] == [100, 80]


@pytest.mark.parametrize("statement", OTHERWISE.values(), ids=OTHERWISE)
def test_what_the_owner_writes_otherwise_is_looked_at_after_it_too(
    mine: Account, other: Account, statement: str
) -> None:
    write(earnings(mine, other))

    with nothing_written(), pytest.raises(IntegrityError), transaction.atomic():
        as_owner(statement)
