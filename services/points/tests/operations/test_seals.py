"""Sealing commits for real: a database transaction that still runs holds the line back."""

from datetime import timedelta
from io import StringIO
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from points.ledger import operations
from points.ledger.models import Lot
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Kind, Posting
from points.programmes.rules.expiry import Sliding
from points.seals.models import Block, SealKey
from points.seals.operations import seal_all, seal_next
from points.seals.proofs import CHAIN, ROWS, chain_difference, head
from points.seals.queries import committed_after, documents, header_of, last_block, reach_of
from shared.testing.owner import as_owner
from shared.testing.reads import rows_read
from tests.factories import AT, give, make_programme, spend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def sealed() -> list[list[UUID]]:
    return [block.transaction_ids for block in Block.objects.order_by("no")]


def damage(table: str, *statements: str) -> None:
    """Change what is append-only, as the owner of the tables can."""
    for statement in (
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        *statements,
        f"ALTER TABLE {table} ENABLE TRIGGER USER",
    ):
        as_owner(statement)


def test_what_has_committed_is_sealed_once_in_its_order(me: UUID) -> None:
    facts = [give(me, 10), spend(me, 4)]

    assert (seal_all(at=AT), seal_all(at=AT)) == (2, 0)
    facts.append(give(me, 1))
    assert seal_all(at=AT) == 1

    assert sealed() == [[facts[0].id, facts[1].id], [facts[2].id]]
    assert chain_difference() is None
    first, second = Block.objects.order_by("no")
    assert (bytes(first.previous), bytes(second.previous)) == (bytes(32), header_of(first).hash)


def test_an_earning_stays_as_it_was_sealed_when_its_points_are_activated(me: UUID) -> None:
    earned = give(me, 10, wait=Wait(in_days=3))
    seal_all(at=AT)

    activated = operations.activate_pending(earned.id, actor_id=UUID(int=9), at=AT).closed_by
    seal_all(at=AT)

    assert sealed() == [[earned.id], [activated]]
    assert chain_difference() is None
    assert activated
    assert [b'"lots":[]' in documents([name])[name] for name in (earned.id, activated)] == [True, False]


def test_nothing_to_seal_makes_no_block(me: UUID) -> None:
    assert seal_all(at=AT) == 0
    assert (sealed(), head(), chain_difference()) == ([], None, None)


def test_many_transactions_fill_several_blocks(me: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("points.seals.operations.BLOCK", 2)
    facts = [give(me, points) for points in range(1, 6)]

    assert seal_all(at=AT) == 5

    assert [len(ids) for ids in sealed()] == [2, 2, 1]
    assert [one for ids in sealed() for one in ids] == [fact.id for fact in facts]
    assert chain_difference() is None


def test_rows_older_than_the_column_are_sealed_first(me: UUID) -> None:
    old = [give(me, 1), give(me, 2)]
    damage("points_transaction", "UPDATE points_transaction SET xid = '0'")
    new = give(me, 3)

    seal_all(at=AT)

    assert sealed() == [[*sorted(fact.id for fact in old), new.id]]
    assert chain_difference() is None


def test_a_posting_that_has_not_committed_holds_the_line_back_and_is_never_skipped(me: UUID, other_member: Any) -> None:
    begun, may_commit = Event(), Event()
    late: list[UUID] = []

    def post_slowly() -> None:
        with transaction.atomic():
            late.append(give(other_member.id, 7).id)
            begun.set()
            may_commit.wait(60)
        connection.close()

    thread = Thread(target=post_slowly)
    thread.start()
    assert begun.wait(60)
    early = give(me, 5)
    seal_all(at=AT)
    before = sealed()
    may_commit.set()
    thread.join()

    seal_all(at=AT)

    assert before == []
    assert sealed() == [[late[0], early.id]]
    assert chain_difference() is None


def test_two_sealers_make_one_chain(me: UUID) -> None:
    for _ in range(20):
        give(me, 1)

    def run() -> None:
        seal_all(at=AT)
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_all(at=AT)

    assert sum(len(ids) for ids in sealed()) == 20
    assert chain_difference() is None


def test_every_lot_that_a_transfer_opens_is_sealed_with_it(me: UUID, other_member: Any) -> None:
    for days, points in ((10, 5), (20, 7)):
        give(me, points, expires_at=AT + timedelta(days=days))
    operations.transfer_points(
        programme_id=None, from_member_id=me, to_member_id=other_member.id, points=12, reason="gift", at=AT
    )
    assert seal_all(at=AT) == 4
    received = [(lot.id, lot.points) for lot in Lot.objects.filter(account__member_id=other_member.id)]
    assert sorted(points for _, points in received) == [5, 7]
    assert chain_difference() is None

    for lot_id, _ in received:
        damage("lot", f"UPDATE lot SET expires_at = expires_at + interval '1 day' WHERE id = '{lot_id}'")
        difference = chain_difference()
        assert difference is not None, lot_id
        damage("lot", f"UPDATE lot SET expires_at = expires_at - interval '1 day' WHERE id = '{lot_id}'")
        assert chain_difference() is None


def test_a_later_end_is_sealed_with_the_activity_that_gave_it_and_breaks_no_older_seal(member: Any) -> None:
    make_programme(lot_days=None, expiry=Sliding(1, "month"))
    earned = give(member.id, 100)
    seal_all(at=AT)
    spent = spend(member.id, 10, at=AT + timedelta(days=3))
    assert chain_difference() is None
    seal_all(at=AT)

    found = documents([earned.id, spent.id])

    assert '"v":1' in found[earned.id].decode()
    assert '"expires_at":"2026-04-01T22:00:00.000000Z"' in found[earned.id].decode()
    assert (
        '"extensions":[{"expires_at":"2026-04-04T22:00:00.000000Z","expires_on":"2026-04-04",'
        f'"lot_id":"{earned.id}","previous_expires_at":"2026-04-01T22:00:00.000000Z"}}]'
    ) in found[spent.id].decode()
    assert '"v":2' in found[spent.id].decode()
    assert chain_difference() is None

    damage("lot_extension", "UPDATE lot_extension SET expires_on = expires_on + 1")
    difference = chain_difference()
    assert difference is not None
    assert (difference.invariant, str(spent.id) in difference.row) == (ROWS, True)


@pytest.mark.parametrize(
    ("table", "change", "says"),
    [
        ("points_transaction", "UPDATE points_transaction SET reason = 'gifT' WHERE points = 20", '"reason":"gifT"'),
        ("entry", "UPDATE entry SET balance_after = balance_after + 1 WHERE points = 20", '"balance_after":31'),
        ("allocation", "UPDATE allocation SET points = points + 1", '"allocations"'),
        ("lot", "UPDATE lot SET expires_at = NULL WHERE points = 20", '"expires_at":null'),
        ("points_transaction", "UPDATE points_transaction SET xid = '0' WHERE points = 20", "put among sealed rows"),
    ],
)
def test_a_byte_that_the_owner_flips_is_found_and_its_row_named(me: UUID, table: str, change: str, says: str) -> None:
    give(me, 10)
    seal_next(at=AT)
    changed = give(me, 20)
    spent = spend(me, 5)
    give(me, 40)
    seal_next(at=AT)
    damage(table, change)
    wrong = spent if table == "allocation" else changed

    found = chain_difference()

    assert found is not None
    assert (found.invariant, str(wrong.id) in found.row, says in found.row) == (ROWS, True, True)
    assert f"transaction {wrong.id}" in found.row


def test_the_command_names_the_row_that_no_other_invariant_guards(me: UUID) -> None:
    fact = give(me, 10, reason="gift")
    seal_all(at=AT)
    out, errors = StringIO(), StringIO()
    call_command("verify_ledger", stdout=out)
    damage("points_transaction", "UPDATE points_transaction SET reason = 'gifs'")

    with pytest.raises(SystemExit) as end:
        call_command("verify_ledger", stderr=errors)

    assert out.getvalue().splitlines()[1] == f"and it is what was sealed: block 1 is {head()[1]}"  # type: ignore[index]
    assert end.value.code == 1
    assert errors.getvalue().startswith(f"broken: {ROWS}: account None: block 1, transaction {fact.id}: now ")
    assert len(errors.getvalue().splitlines()) == 1


def test_a_row_that_is_gone_is_named(me: UUID) -> None:
    fact = give(me, 10)
    give(me, 20)
    seal_all(at=AT)
    for table in ("entry", "lot", "points_transaction"):
        column = "transaction_id" if table == "entry" else "id"
        damage(table, f"DELETE FROM {table} WHERE {column} = '{fact.id}'")

    found = chain_difference()

    assert found is not None
    assert found.row == f"block 1, transaction {fact.id}: its row is gone or has another place"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            "UPDATE seal_block SET signature = set_byte(signature, 3, 255 - get_byte(signature, 3)) WHERE no = 2",
            "block 2",
        ),
        ("UPDATE seal_block SET sealed_at = sealed_at + interval '1 s' WHERE no = 1", "block 1: its signature"),
        ("UPDATE seal_block SET leaves = set_byte(leaves, 3, get_byte(leaves, 3) # 1) WHERE no = 2", "its leaves"),
        ("DELETE FROM seal_block WHERE no = 1", "block 1: it is missing"),
        ("UPDATE seal_block SET previous = root WHERE no = 2", "block 2: the one before it is another"),
    ],
)
def test_a_chain_that_the_owner_changes_is_found(me: UUID, change: str, says: str) -> None:
    for _ in range(3):
        give(me, 10)
        seal_next(at=AT)
    damage("seal_block", change)

    found = chain_difference()

    assert found is not None
    assert (found.invariant, says in found.row) == (CHAIN, True)


@pytest.mark.parametrize("table", ["seal_block", "seal_key"])
@pytest.mark.parametrize("change", ["UPDATE {} SET kid = kid", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_sealed_cannot_be_changed(me: UUID, table: str, change: str) -> None:
    give(me, 10)
    seal_all(at=AT)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        as_owner(change.format(table))

    assert len(sealed()) == 1


def test_another_secret_signs_with_another_key_and_the_old_blocks_stay_good(me: UUID) -> None:
    give(me, 10)
    seal_all(at=AT)
    give(me, 20)

    with override_settings(SECRET_KEY="another"):
        seal_all(at=AT)

    assert len(set(Block.objects.values_list("kid", flat=True))) == SealKey.objects.count() == 2
    assert chain_difference() is None


def test_a_database_that_counts_anew_is_told(me: UUID, caplog: pytest.LogCaptureFixture) -> None:
    give(me, 10)
    seal_all(at=AT)
    damage("seal_block", "UPDATE seal_block SET last_xid = last_xid + 1000000000")

    assert seal_all(at=AT) == 0

    assert "seals.database_is_younger" in caplog.text


def test_what_follows_the_last_block_is_read_alone(me: UUID) -> None:
    programme_id = give(me, 1).programme_id
    commands = [Posting(kind=Kind.EARNED, programme_id=programme_id, member_id=me, points=1) for _ in range(3000)]
    operations.post(commands, at=AT)
    seal_all(at=AT)
    reach = reach_of(last_block())
    fact = give(me, 1)

    with transaction.atomic(), rows_read("points_transaction") as read:
        found = committed_after(reach, limit=1024)

    assert [one.id for one in found] == [fact.id]
    assert read() <= 4
