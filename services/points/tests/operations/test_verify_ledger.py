from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from points.ledger import operations
from points.ledger.models import Transaction
from points.ledger.proofs import LAWS, differences
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import Sliding
from shared.ids import new_id
from shared.testing.owner import as_owner
from tests.factories import AT, buy, give, hold, make_programme, spend, take_back
from tests.import_factories import committed

pytestmark = pytest.mark.django_db
TABLES = (
    "account", "entry", "lot", "points_transaction", "allocation", "hold", "pending_points", "member_merge", "purchase",
    "purchase_spend", "purchase_return", "lot_extension", "reinstatement",
)  # fmt: skip
EXTENDED = "a lot ends where its last extension says, and was alive at each"
REINSTATED = "what was reinstated had expired, and once"


@pytest.fixture
def me(member: Any, other_member: Any) -> UUID:
    make_programme()
    give(member.id, 100)
    give(member.id, 20, expires_at=AT + timedelta(days=1))
    spent = spend(member.id, 30)
    operations.reverse_transaction(spent.id, reason="", actor_id=new_id(), at=AT)
    spend(member.id, 15)
    operations.capture_hold(hold(member.id, 9).id, points=5, at=AT)
    hold(member.id, 7)
    give(other_member.id, 50)
    operations.transfer_points(
        programme_id=None, from_member_id=member.id, to_member_id=other_member.id, points=3, reason="", at=AT
    )
    waiting = give(member.id, 40, wait=Wait(at=AT + timedelta(days=9)))
    give(member.id, 11, wait=Wait(on_event="delivered", deadline=AT + timedelta(days=9)))
    for close in (operations.activate_pending, operations.cancel_pending):
        close(give(member.id, 13, wait=Wait(in_days=9)).id, actor_id=new_id(), at=AT)
    assert waiting.change == 0
    merged = new_id()
    give(merged, 17)
    give(merged, 19, wait=Wait(in_days=9))
    operations.merge_members(from_member_id=merged, into_member_id=member.id, reason="r", actor_id=new_id(), at=AT)
    paid = spend(member.id, 8)
    bought = buy(member.id, {"1": (2, 2_000)}, redemption_ids=(paid.id,), money_amount=2_000)
    take_back(bought, {"1": 1})
    return member.id


def test_an_approval_of_other_points_than_were_asked_for_is_found(me: UUID) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 10}, at=AT)
    asked = operations.ask_for_adjustment(
        programme_id=None, member_id=me, points=11, reason="r", actor_id=new_id(), at=AT
    )
    operations.approve_adjustment(asked.id, actor_id=new_id(), at=AT)
    assert differences() == []
    as_owner("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE adjustment_request DISABLE TRIGGER USER")
    as_owner("UPDATE adjustment_request SET points = 12")

    assert [one.law for one in differences()] == ["an approved adjustment was posted as it was asked for"]


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("UPDATE lot SET expires_at = expires_at + interval '1 day'", EXTENDED),
        ("UPDATE lot SET expires_on = expires_on + 1", EXTENDED),
        (
            "UPDATE lot_extension SET previous_expires_on = previous_expires_on + 1 WHERE version = 6",
            EXTENDED,
        ),
        ("DELETE FROM lot_extension WHERE version = 6", EXTENDED),
        ("UPDATE lot_extension SET version = 5 WHERE version = 4", EXTENDED),
        ("UPDATE points_transaction SET posted_at = posted_at + interval '1 year' WHERE kind = 'redeemed'", EXTENDED),
        ("UPDATE reinstatement SET points = points + 1, expired = expired + 9, total = total + 1", REINSTATED),
        ("UPDATE reinstatement SET total = total - 1 WHERE points = 5", REINSTATED),
        ("UPDATE reinstatement SET expired = 40", REINSTATED),
        ("DELETE FROM reinstatement", REINSTATED),
        ("UPDATE reinstatement SET expiry_id = transaction_id", REINSTATED),
        ("UPDATE points_transaction SET kind = 'earned' WHERE kind = 'reinstated'", REINSTATED),
    ],
)
def test_a_wrong_end_or_reinstatement_is_found_and_named(member: Any, change: str, law: str) -> None:
    make_programme(lot_days=None, expiry=Sliding(1, "month"))
    give(member.id, 30)
    for days in (3, 5):
        spend(member.id, 1, at=AT + timedelta(days=days))
    operations.expire_all(at=AT + timedelta(days=60))
    expiry = Transaction.objects.get(kind="expired").id
    for points in (7, 5):
        operations.reinstate_points(
            transaction_id=expiry, member_id=member.id, points=points, reason="", actor_id=new_id(),
            at=AT + timedelta(days=61),
        )  # fmt: skip
    assert differences() == []

    break_ledger(change)

    assert law in {difference.law for difference in differences()}


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("UPDATE points_import_run SET earned = earned + 1 WHERE kind = 'commit'", "imports posted what they say"),
        (
            "UPDATE points_import_run SET accepted = 0, earned_rows = 0, rows = known WHERE kind = 'commit'",
            "imports posted what they say",
        ),
        (
            "UPDATE points_transaction SET source_key = NULL WHERE source_key LIKE 'import:%'",
            "imports posted what they say",
        ),
        (
            "UPDATE points_import_run SET position = position - 1 WHERE kind = 'commit'",
            "a finished import went through its whole file",
        ),
    ],
)
def test_an_import_that_says_what_was_not_posted_is_found(me: UUID, change: str, law: str) -> None:
    committed(f"Card,Points\n{me},5\n")
    committed(f"Card,Points\n{me},5\n")
    assert differences() == []
    as_owner("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("points_import_run", "points_transaction"):
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(change)

    assert [one.law for one in differences()] == [law]


def break_ledger(*statements: str) -> None:
    as_owner("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        as_owner(statement)


def test_a_right_ledger_passes(me: UUID) -> None:
    out = StringIO()

    call_command("verify_ledger", stdout=out)

    assert out.getvalue() == f"the ledger is right: {len(LAWS)} laws hold\n"


@pytest.mark.parametrize(
    ("change", "laws"),
    [
        (
            "UPDATE account SET available = available + 1",
            {"a bucket is the sum of its entries", "open lots hold the available points"},
        ),
        ("UPDATE account SET version = version + 1", {"an account's entries are numbered without a gap"}),
        ("UPDATE lot SET remaining = remaining - 1 WHERE remaining > 0", {"a lot lost what was taken from it"}),
        ("UPDATE entry SET points = points + 1 WHERE bucket = 'issued'", {"a transaction's entries sum to zero"}),
        (
            "UPDATE entry SET balance_after = balance_after + 1 WHERE version = 1",
            {"balance_after is the one before it and the entry"},
        ),
        ("DELETE FROM entry WHERE version = 2", {"an account's entries are numbered without a gap"}),
        ("UPDATE allocation SET points = points + 1", {"lots moved as the available points did"}),
        ("UPDATE points_transaction SET points = points + 1", {"a transaction says what its entries say"}),
        ("UPDATE hold SET points = points + 1", {"a hold says what its transactions say"}),
        ("UPDATE hold SET points = 8 WHERE state = 'held'", {"held points are those of open holds"}),
        ("UPDATE hold SET captured = captured - 1 WHERE captured > 0", {"a hold says what its transactions say"}),
        ("UPDATE hold SET reference = 'other'", {"a hold says what its transactions say"}),
        ("UPDATE lot SET number = number + 1", {"a lot is numbered as the transaction that opened it"}),
        ("DELETE FROM hold WHERE state = 'held'", {"points were set aside or freed by a hold"}),
        (
            "UPDATE points_transaction SET points = 2 WHERE kind = 'sent'",
            {"both sides of a transfer move the same points"},
        ),
        (
            "UPDATE points_transaction SET source_key = NULL WHERE kind = 'received'",
            {"both sides of a transfer move the same points"},
        ),
        ("UPDATE pending_points SET remaining = 39 WHERE points = 40", {"pending points are those that wait"}),
        ("UPDATE pending_points SET points = points + 1", {"pending points say what their transactions say"}),
        (
            "UPDATE pending_points SET activated = 12 WHERE activated > 0",
            {"pending points say what their transactions say"},
        ),
        (
            "UPDATE pending_points SET state = 'cancelled', activated = 0 WHERE state = 'activated'",
            {"pending points say what their transactions say"},
        ),
        (
            "DELETE FROM pending_points WHERE state = 'cancelled'",
            {"points became pending or ceased to be by their earning"},
        ),
        (
            "UPDATE points_transaction SET kind = 'redeemed' WHERE kind = 'cancelled'",
            {"points became pending or ceased to be by their earning"},
        ),
        (
            "UPDATE pending_points SET account_id = (SELECT max(id) FROM account) WHERE points = 40",
            {"pending points are those that wait", "pending points say what their transactions say"},
        ),
        (
            "UPDATE points_transaction SET points = 35 WHERE kind = 'received' AND points = 36",
            {"both sides of a transfer move the same points"},
        ),
        ("DELETE FROM member_merge", {"a merged member has nothing left and says where it went"}),
        ("UPDATE account SET merged_into = NULL", {"a merged member has nothing left and says where it went"}),
        ("UPDATE purchase SET points_returned = 11", {"a purchase says what its transaction and its returns say"}),
        ("UPDATE purchase_return SET owed = 1, own = own - 1", {"a return took what it says"}),
        ("UPDATE purchase_return SET own = own - 1, forgiven = 1", {"a return took what it says"}),
        (
            "DELETE FROM purchase_return",
            {
                "points were taken back by a return",
                "points that paid for a purchase came back as its returns say",
                "a purchase says what its transaction and its returns say",
            },
        ),
        (
            "UPDATE purchase_return SET restored = restored - 1",
            {"points that paid for a purchase came back as its returns say"},
        ),
        (
            "UPDATE purchase SET spent = spent + 1",
            {"points that paid for a purchase came back as its returns say"},
        ),
        (
            "UPDATE purchase_spend SET restored = restored + 1",
            {
                "points that paid for a purchase came back as its returns say",
                "a redemption that paid for a purchase gave back no more than its return",
            },
        ),
        (
            "UPDATE points_transaction SET reverses_id = (SELECT redemption_id FROM purchase_spend)"
            " WHERE id = (SELECT id FROM points_transaction WHERE kind = 'sent' LIMIT 1)",
            {"a redemption that paid for a purchase gave back no more than its return"},
        ),
        ("DELETE FROM allocation", {"a lot lost what was taken from it", "lots moved as the available points did"}),
    ],
)
def test_a_wrong_row_is_found_and_named(me: UUID, change: str, laws: set[str]) -> None:
    break_ledger(change)

    found = {difference.law for difference in differences()}

    assert laws <= found


def test_the_command_prints_the_first_wrong_row_and_fails(me: UUID) -> None:
    break_ledger("UPDATE lot SET remaining = remaining - 1 WHERE points = 50")
    errors = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("verify_ledger", stderr=errors)

    assert end.value.code == 1
    assert '"remaining":49' in errors.getvalue()


def test_one_member_can_be_looked_at_alone(me: UUID, other_member: Any) -> None:
    break_ledger("UPDATE lot SET remaining = remaining - 1 WHERE points = 50")

    assert differences(me) == []
    assert differences(other_member.id) != []


def test_nothing_is_said_to_be_right_of_a_member_who_is_not_there(me: UUID) -> None:
    nobody, out = new_id(), StringIO()
    with pytest.raises(CommandError, match=f"there is no member {nobody} here: nobody of this id ever had points"):
        call_command("verify_ledger", member=nobody, stdout=out)
    assert out.getvalue() == ""

    call_command("verify_ledger", member=me, stdout=out)
    assert out.getvalue() == f"the ledger is right: {len(LAWS)} laws hold\n"
