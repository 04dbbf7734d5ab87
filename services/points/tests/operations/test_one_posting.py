"""The function that writes a single posting: whatever it is given, its rows fit or nothing is written."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from points.ledger.models import Account, Allocation, Entry, Lot, Transaction
from points.ledger.operations import merge_members
from points.ledger.writing import _POST
from points.programmes.queries import default_programme
from shared.db import array
from shared.ids import new_id
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, prove, spend

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    give(member.id, 100)
    spend(member.id, 30)
    return member.id


@pytest.fixture
def lot(me: UUID) -> Lot:
    return Lot.objects.get()


def earning(whose: Account, **changes: Any) -> dict[str, Any]:
    """What an earning of 10 points is written with."""
    made = new_id()
    return {
        "at": AT,
        "account": whose.id,
        "version": whose.version,
        "id": made,
        "kind": "earned",
        "reverses": None,
        "actor": None,
        "occurred_at": AT,
        "reference": "",
        "reason": "",
        "source_key": None,
        "buckets": ["available", "issued"],
        "changes": [10, -10],
        "opened": [str(made)],
        "opened_points": [10],
        "opened_numbers": [whose.version + 2],
        "opened_ends": [None],
        "opened_days": [None],
        "taken": [],
        "taken_points": [],
    } | changes


def write(wish: dict[str, Any]) -> None:
    _POST.execute({name: array(value) if isinstance(value, list) else value for name, value in wish.items()})


NO_LOT = {name: [] for name in ("opened", "opened_points", "opened_numbers", "opened_ends", "opened_days")}
LAWS = {
    "of an unknown kind": ({"kind": "given"}, "of a kind and moves points"),
    "without entries": ({"buckets": [], "changes": [], **NO_LOT}, "sum to zero"),
    "of an unknown bucket": ({"buckets": ["purse", "issued"]}, "an entry changes a bucket"),
    "of no bucket": ({"buckets": [None, "issued"]}, "an entry changes a bucket"),
    "with an entry that moves nothing": (
        {"buckets": ["available", "held", "issued"], "changes": [10, 0, -10]},
        "an entry changes a bucket",
    ),
    "with an entry of nothing": ({"changes": [10, None]}, "an entry changes a bucket"),
    "with fewer changes than buckets": ({"changes": [10]}, "an entry changes a bucket"),
    "that does not sum to zero": ({"changes": [10, -9]}, "sum to zero"),
    "of more than there is": (
        {"kind": "redeemed", "buckets": ["available", "redeemed"], "changes": [-71, 71], **NO_LOT},
        "each bucket has its sign",
    ),
    "that takes back what was issued": (
        {"buckets": ["held", "issued"], "changes": [-10, 10], **NO_LOT},
        "each bucket has its sign",
    ),
    "upon another state than the present": ({"version": 2}, "an account moves as its new entries say"),
    "for no account": ({"account": 0}, "an account moves as its new entries say"),
    "without its lot": (NO_LOT, "lots move as the available points do"),
    "with a lot of more": ({"opened_points": [11]}, "lots move as the available points do"),
    "with a lot of nobody's": ({"taken": ["00000000-0000-7000-8000-000000000000"], "taken_points": [1]}, "its account"),
}


@pytest.mark.parametrize(("changes", "law"), LAWS.values(), ids=LAWS)
def test_it_writes_nothing(me: UUID, changes: dict[str, Any], law: str) -> None:
    account = Account.objects.get()

    with nothing_written(), pytest.raises(IntegrityError, match=law), transaction.atomic():
        write(earning(account, **changes))

    prove()


def test_it_writes_no_posting_that_takes_from_another_members_lot(me: UUID, lot: Lot) -> None:
    give(new_id(), 50)
    other = Account.objects.exclude(member_id=me).get()
    redeemed = {"kind": "redeemed", "buckets": ["available", "redeemed"], "changes": [-5, 5], **NO_LOT}

    with nothing_written(), pytest.raises(IntegrityError, match="its account"), transaction.atomic():
        write(earning(other, **redeemed, taken=[str(lot.id)], taken_points=[5]))


def test_it_writes_no_posting_to_a_merged_member(me: UUID) -> None:
    programme_id, into = default_programme().id, new_id()
    merge_members(from_member_id=me, into_member_id=into, reason="twice", actor_id=new_id(), at=AT)
    account = Account.objects.get(programme_id=programme_id, member_id=me)

    with nothing_written(), pytest.raises(IntegrityError, match="a merged account is empty"), transaction.atomic():
        write(earning(account))


def test_it_writes_all_rows_of_a_posting(me: UUID) -> None:
    account = Account.objects.get()

    write(wish := earning(account, reference="order", reason="gift", source_key="k"))

    made = Transaction.objects.get(id=wish["id"])
    assert (made.version, made.kind, made.points, made.change, made.balance_after) == (6, "earned", 10, 10, 80)
    assert (made.reference, made.reason, made.source_key, made.posted_at) == ("order", "gift", "k", AT)
    entries = Entry.objects.filter(transaction=made).order_by("version")
    assert list(entries.values_list("version", "bucket", "points", "balance_after")) == [
        (5, "available", 10, 80),
        (6, "issued", -10, -110),
    ]
    lot = Lot.objects.get(id=made.id)
    assert (lot.number, lot.points, lot.remaining, lot.opened_by_id, lot.active_from) == (6, 10, 10, None, AT)
    prove()


def test_it_takes_from_lots_and_gives_back(me: UUID, lot: Lot) -> None:
    account = Account.objects.get()
    redeemed = {"kind": "redeemed", "buckets": ["available", "redeemed"], "changes": [-5, 5], **NO_LOT}
    write(earning(account, **redeemed, taken=[str(lot.id)], taken_points=[5]))
    account.refresh_from_db()
    restored = {"kind": "restored", "buckets": ["available", "redeemed"], "changes": [3, -3], **NO_LOT}

    write(earning(account, **restored, taken=[str(lot.id)], taken_points=[-3]))

    lot.refresh_from_db()
    assert lot.remaining == 68
    assert list(Allocation.objects.filter(lot=lot).values_list("points", flat=True)) == [30, 5, -3]
    prove()


@pytest.mark.usefixtures("me")
def test_it_serves_the_web_role() -> None:
    write(earning(Account.objects.get()))

    assert Account.objects.get().available == 80


OTHERWISE = {
    "move an account": "UPDATE account SET available = available + 5, issued = issued - 5",
    "give an account to another": "UPDATE account SET member_id = gen_random_uuid()",
    "give an account another id": "UPDATE account SET id = id + 1",
    "post a transaction": "INSERT INTO points_transaction (id, account_id, version, kind, points, change,"
    " balance_after, reference, reason, occurred_at, posted_at)"
    " SELECT gen_random_uuid(), id, version + 1, 'earned', 5, 5, 5, '', '', now(), now() FROM account",
    "add an entry": "INSERT INTO entry (account_id, version, transaction_id, bucket, points, balance_after)"
    " SELECT account_id, version + 100, id, 'available', 1, 1 FROM points_transaction LIMIT 1",
    "open a lot": "INSERT INTO lot (id, account_id, number, points, remaining, active_from)"
    " SELECT gen_random_uuid(), account_id, 1, 5, 5, now() FROM lot",
    "allocate": "INSERT INTO allocation (transaction_id, lot_id, points) SELECT gen_random_uuid(), id, 1 FROM lot",
}


@pytest.mark.usefixtures("me")
@pytest.mark.parametrize("statement", OTHERWISE.values(), ids=OTHERWISE)
def test_who_says_that_it_is_the_function_is_looked_at_all_the_same(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ledger.by_function = 'on'")
        with nothing_written(), pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)


def test_what_the_owner_writes_otherwise_is_looked_at_after_it_too(me: UUID) -> None:
    write(earning(Account.objects.get()))

    with nothing_written(), pytest.raises(IntegrityError, match="moves as its new entries"), transaction.atomic():
        as_owner(OTHERWISE["move an account"])
