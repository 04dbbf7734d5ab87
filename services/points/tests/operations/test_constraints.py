from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from points.ledger import operations
from points.ledger.adjustments import Adjustment
from points.ledger.models import Transaction
from points.ledger.proofs import differences
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared.db import execute
from shared.ids import new_id
from shared.testing.owner import as_owner
from tests.factories import AT, buy, give, hold, make_programme, points_of, spend, take_back

pytestmark = pytest.mark.django_db
RETURN = """
INSERT INTO purchase_return (refund_id, payment_id, amount, points, returned_at, own, others, owed, forgiven, policy,
    restored, expired, reason)
SELECT gen_random_uuid(), payment_id, amount, points, returned_at, {parts}, '{policy}', {restored}, expired, reason
FROM purchase_return
"""
ENTRY = "account_id, version, transaction_id, bucket, points, balance_after"


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.mark.parametrize("table", ["points_transaction", "entry", "allocation", "purchase_return"])
@pytest.mark.parametrize("change", ["UPDATE {} SET points = points + 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_posted_cannot_be_changed(me: UUID, table: str, change: str) -> None:
    give(me, 10)
    spend(me, 5)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO purchase (payment_id, member_id, amount, points, returned, points_returned)"
            " VALUES (%(id)s, %(id)s, 1, 0, 0, 0);"
            "INSERT INTO purchase_return (refund_id, payment_id, amount, points, returned_at)"
            " VALUES (%(id)s, %(id)s, 1, 0, now());"
            "SET CONSTRAINTS ALL IMMEDIATE",
            {"id": new_id()},
        )

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        as_owner(change.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET available = available + 1",
        "UPDATE account SET available = available - 1",
        "UPDATE account SET available = -1, issued = 1",
        "UPDATE account SET deficit = 1, issued = issued - 1",
        "UPDATE account SET held = -1, available = available + 1",
        "UPDATE lot SET remaining = points + 1",
        "UPDATE lot SET remaining = -1",
        f"INSERT INTO entry ({ENTRY}) SELECT account_id, version + 100, transaction_id, bucket, 0, 0 FROM entry",
        f"INSERT INTO entry ({ENTRY}) SELECT account_id, version + 100, transaction_id, 'purse', 1, 1 FROM entry",
        "INSERT INTO entry SELECT * FROM entry",
        "INSERT INTO account (programme_id, member_id, available, held, pending, deficit, issued, redeemed, expired,"
        " adjusted, returned, version) SELECT programme_id, member_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM account",
    ],
)
def test_the_database_refuses_a_wrong_state(me: UUID, change: str) -> None:
    give(me, 10)

    with pytest.raises(IntegrityError), transaction.atomic():
        as_owner(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE hold SET points = points + 1",
        "UPDATE hold SET captured = 1",
        "UPDATE hold SET state = 'captured', captured = points, closed_at = now()",
        "UPDATE hold SET state = 'captured', captured = points + 1, closed_at = now(), capture_id = id",
        "UPDATE hold SET state = 'captured', captured = 1, closed_at = now(), capture_id = id",
        "UPDATE hold SET state = 'voided', closed_at = now()",
        "UPDATE hold SET state = 'lost', closed_at = now(), release_id = id",
        "UPDATE hold SET expires_at = expires_at - interval '1 second'",
        "UPDATE hold SET reference = 'other'",
        "DELETE FROM hold",
        "TRUNCATE hold",
    ],
)
def test_a_hold_cannot_become_what_it_is_not(me: UUID, change: str) -> None:
    give(me, 10)
    hold(me, 10)
    check(change)


@pytest.mark.parametrize("change", ["UPDATE hold SET state = 'held', closed_at = NULL", "UPDATE hold SET captured = 2"])
def test_a_closed_hold_stays_as_it_is(me: UUID, change: str) -> None:
    give(me, 10)
    operations.capture_hold(hold(me, 10).id, points=3, at=AT)
    check(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pending_points SET points = points + 1",
        "UPDATE pending_points SET remaining = remaining + 1",
        "UPDATE pending_points SET remaining = 0",
        "UPDATE pending_points SET remaining = -1",
        "UPDATE pending_points SET activated = 1",
        "UPDATE pending_points SET due_at = due_at + interval '1 second'",
        "UPDATE pending_points SET expires_at = due_at + interval '1 day'",
        "UPDATE pending_points SET on_event = 'other'",
        "UPDATE pending_points SET reference = 'other'",
        "UPDATE pending_points SET state = 'activated', remaining = 0, closed_at = now(), closed_by_id = id",
        "UPDATE pending_points SET state = 'activated', remaining = 0, activated = 11, closed_at = now(),"
        " closed_by_id = id",
        "UPDATE pending_points SET state = 'activated', remaining = 0, activated = 10, closed_at = now()",
        "UPDATE pending_points SET state = 'cancelled', remaining = 0, closed_at = now()",
        "UPDATE pending_points SET state = 'lost', remaining = 0, closed_at = now(), closed_by_id = id",
        "DELETE FROM pending_points",
        "TRUNCATE pending_points",
    ],
)
def test_pending_points_cannot_become_what_they_are_not(me: UUID, change: str) -> None:
    give(me, 10, wait=Wait(in_days=3))
    check(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pending_points SET state = 'pending', remaining = 10, activated = 0, closed_at = NULL,"
        " closed_by_id = NULL",
        "UPDATE pending_points SET activated = 9",
        "UPDATE pending_points SET closed_at = closed_at + interval '1 second'",
    ],
)
def test_pending_points_that_are_closed_stay_as_they_are(me: UUID, change: str) -> None:
    operations.activate_pending(give(me, 10, wait=Wait(in_days=3)).id, actor_id=new_id(), at=AT)
    check(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE member_merge SET reason = 'x'",
        "DELETE FROM member_merge",
        "TRUNCATE member_merge",
        "INSERT INTO member_merge SELECT gen_random_uuid(), into_member_id, into_member_id, '', merged_by, now()"
        " FROM member_merge",
        "INSERT INTO member_merge SELECT gen_random_uuid(), from_member_id, merged_by, '', merged_by, now()"
        " FROM member_merge",
        "UPDATE account SET available = 1, issued = issued - 1 WHERE merged_into IS NOT NULL",
        "UPDATE account SET pending = 1, issued = issued - 1 WHERE merged_into IS NOT NULL",
        "UPDATE account SET deficit = -1, adjusted = adjusted + 1 WHERE merged_into IS NOT NULL",
        "UPDATE account SET merged_into = member_id WHERE available > 0",
        "UPDATE pending_points SET account_id = (SELECT id FROM account WHERE merged_into IS NOT NULL)",
    ],
)
def test_a_merged_member_has_nothing_and_stays_merged(me: UUID, change: str) -> None:
    other = new_id()
    give(me, 10)
    give(me, 10, wait=Wait(in_days=3))
    operations.merge_members(from_member_id=me, into_member_id=other, reason="r", actor_id=new_id(), at=AT)
    check(change)


@pytest.mark.parametrize("table", ["adjustment_request", "adjustment_decision"])
@pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_who_asked_and_who_decided_cannot_be_changed(me: UUID, table: str, change: str) -> None:
    asked = ask(me)
    operations.reject_adjustment(asked, actor_id=new_id(), at=AT)
    check(change.format(table))


@pytest.mark.parametrize(
    ("state", "decided_by"),
    [("rejected", "r.requested_by"), ("approved", "gen_random_uuid()"), ("perhaps", "gen_random_uuid()")],
)
def test_a_decision_is_by_another_person_and_of_two_kinds(me: UUID, state: str, decided_by: str) -> None:
    ask(me)
    check(DECIDE.format(state=state, asker="r.requested_by", decided_by=decided_by))


def test_a_decision_cannot_lie_about_who_asked(me: UUID) -> None:
    ask(me)
    check(DECIDE.format(state="rejected", asker="gen_random_uuid()", decided_by="r.requested_by"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE purchase SET returned = returned - 1",
        "UPDATE purchase SET points_returned = points_returned - 1",
        "UPDATE purchase SET points_returned = points + 1",
        "UPDATE purchase SET returned = amount + 1",
        "UPDATE purchase SET points = points + 1",
        "UPDATE purchase SET spent = spent + 1",
        "UPDATE purchase SET reference = NULL",
        "DELETE FROM purchase",
        "INSERT INTO purchase (payment_id, programme_id, member_id, amount, points, returned, points_returned,"
        " reference, currency, money_amount, occurred_at) SELECT gen_random_uuid(), programme_id, member_id, 1, 0, 0,"
        " 0, reference, 'EUR', 1, now() FROM purchase",
        "UPDATE purchase_line SET points_returned = points + 1",
        "UPDATE purchase_spend SET restored = restored - 1",
        "UPDATE purchase_spend SET restored = points + 1",
        "UPDATE purchase_spend SET points = points + 1",
        "DELETE FROM purchase_spend",
        "TRUNCATE purchase_spend",
        "INSERT INTO purchase_spend SELECT * FROM purchase_spend",
        "UPDATE purchase_return SET own = 0",
        RETURN.format(parts="own + 1, others, owed, forgiven", policy="arrears", restored="restored"),
        RETURN.format(parts="own + 1, others, -1, forgiven", policy="arrears", restored="restored"),
        RETURN.format(parts="own, others, owed, forgiven", policy="mercy", restored="restored"),
        RETURN.format(parts="0, points, 0, 0", policy="pending_only", restored="restored"),
        RETURN.format(parts="0, 0, points, 0", policy="floor_zero", restored="restored"),
        RETURN.format(parts="own, others, owed, forgiven", policy="arrears", restored="-1"),
    ],
)
def test_a_purchase_and_its_returns_cannot_say_what_is_not_so(me: UUID, change: str) -> None:
    give(me, 30)
    bought = buy(me, {"1": (2, 1_000)}, redemption_ids=(spend(me, 30).id,), money_amount=1_000)
    take_back(bought, {"1": 1})
    check(change)


@pytest.fixture
def reinstated(me: UUID) -> UUID:
    give(me, 10, expires_at=AT + timedelta(days=1))
    operations.expire_all(at=AT + timedelta(days=2))
    expiry = Transaction.objects.get(kind="expired").id
    operations.reinstate_points(
        transaction_id=expiry, member_id=me, points=6, reason="r", actor_id=new_id(), at=AT + timedelta(days=2)
    )
    return expiry


REINSTATE = """
INSERT INTO reinstatement (transaction_id, expiry_id, points, total, expired)
SELECT t.id, r.expiry_id, {} FROM points_transaction t, reinstatement r WHERE t.kind = 'earned'
"""


@pytest.mark.parametrize(
    "change",
    [
        REINSTATE.format("5, 11, 10"),
        REINSTATE.format("0, 6, 10"),
        REINSTATE.format("6, 6, 10"),
        REINSTATE.format("3, 2, 10"),
        REINSTATE.format("3, 9, 10"),
        REINSTATE.format("3, 10, 10"),
        "UPDATE reinstatement SET points = 1",
        "DELETE FROM reinstatement",
        "TRUNCATE reinstatement",
    ],
)
def test_no_more_is_reinstated_than_expired_and_no_step_is_taken_twice(reinstated: UUID, change: str) -> None:
    check(change)


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO expiry_notice (id, account_id, expires_at, expires_on, days, points, told_at)"
        " SELECT gen_random_uuid(), account_id, expires_at, expires_on, days, points, told_at FROM expiry_notice",
        "INSERT INTO expiry_notice (id, account_id, expires_at, expires_on, days, points, told_at)"
        " SELECT gen_random_uuid(), account_id, expires_at, expires_on, 1, points, expires_at FROM expiry_notice",
        "UPDATE expiry_notice SET points = 1",
        "DELETE FROM expiry_notice",
        "TRUNCATE expiry_notice",
    ],
)
def test_a_notice_is_one_comes_in_time_and_stays(me: UUID, change: str) -> None:
    change_programme(default_programme().id, changes={"notice_days": [7]}, at=AT)
    give(me, 10, expires_at=AT + timedelta(days=1))
    operations.tell_expiring(at=AT)
    check(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE programme SET expiry = '{}'",
        "UPDATE programme SET grace_days = 1",
        "UPDATE programme SET grace_days = -1",
        "UPDATE programme SET longest_grace = 91",
    ],
)
def test_a_programme_has_one_policy_and_a_grace_within_bounds(me: UUID, change: str) -> None:
    check(change)


ACCOUNTS = """
INSERT INTO account (programme_id, member_id, available, held, pending, deficit, issued, redeemed, expired, adjusted,
                     returned, version)
SELECT id, gen_random_uuid(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM
"""


@pytest.mark.usefixtures("me")
def test_an_account_is_of_a_programme() -> None:
    unknown = "(SELECT id FROM programme UNION ALL SELECT gen_random_uuid()) p"

    with pytest.raises(IntegrityError, match="an account is of a programme"), transaction.atomic():
        execute(f"{ACCOUNTS} {unknown}")

    execute(f"{ACCOUNTS} programme")


@pytest.mark.parametrize(
    "change", ["DELETE FROM programme", "TRUNCATE programme CASCADE", "UPDATE programme SET id = gen_random_uuid()"]
)
def test_a_programme_stays_though_it_has_no_account(change: str) -> None:
    make_programme()

    with pytest.raises(IntegrityError, match="programme keeps"), transaction.atomic():
        as_owner(change)


def ask(member_id: UUID) -> UUID:
    change_programme(default_programme().id, changes={"adjustment_limit": 10}, at=AT)
    asked = operations.ask_for_adjustment(
        programme_id=None, member_id=member_id, points=11, reason="r", actor_id=new_id(), at=AT
    )
    assert isinstance(asked, Adjustment)
    return asked.id


DECIDE = """
INSERT INTO adjustment_decision (request_id, requested_by, state, reason, decided_by, decided_at)
SELECT r.id, {asker}, '{state}', '', {decided_by}, now() FROM adjustment_request r
"""


def check(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        as_owner(change)


# What the triggers of migrations 0005 and 0018 say, and nothing else that may be wrong with such a row.
REFUSAL = (
    "as its new entries say|has its entries|of its transaction and its account|sum to zero|opened by a|within|keeps"
)
UNFIT = {
    "an entry without its account's step": f"INSERT INTO entry ({ENTRY}) SELECT a.id, a.version + 1, t.id,"
    " 'held', 5, 5 FROM account a JOIN points_transaction t ON t.account_id = a.id",
    "a gap in the numbers of an account": "UPDATE account SET version = version + 1",
    "a number that was there before": "UPDATE account SET version = version - 1",
    "points that no entry moved": "UPDATE account SET available = available - 5, held = held + 5",
    "points from nowhere, that sum to zero": "UPDATE account SET available = available + 5, issued = issued - 5",
    "an account that begins with points": "INSERT INTO account (programme_id, member_id, available, held, pending,"
    " deficit, issued, redeemed, expired, adjusted, returned, version)"
    " SELECT programme_id, gen_random_uuid(), 5, 0, 0, 0, -5, 0, 0, 0, 0, 0 FROM account",
    "an account that changes its member": "UPDATE account SET member_id = gen_random_uuid()",
    "an account that goes": "DELETE FROM account",
    "a transaction without entries": "INSERT INTO points_transaction (id, account_id, version, kind, points, change,"
    " balance_after, reference, reason, occurred_at, posted_at)"
    " SELECT gen_random_uuid(), account_id, version + 1, 'earned', 1, 1, 1, '', '', now(), now()"
    " FROM points_transaction",
    "a lot that no transaction opened": "INSERT INTO lot (id, account_id, number, points, remaining, active_from)"
    " SELECT gen_random_uuid(), account_id, 1, 5, 5, now() FROM lot",
    "a lot that grows": "UPDATE lot SET points = points + 1",
    "a lot that changes its account": "UPDATE lot SET account_id = account_id + 1",
    "a lot that goes": "DELETE FROM lot",
    "an allocation of no lot": "INSERT INTO allocation (transaction_id, lot_id, points)"
    " SELECT id, gen_random_uuid(), 1 FROM points_transaction",
    "an allocation of no transaction": "INSERT INTO allocation (transaction_id, lot_id, points)"
    " SELECT gen_random_uuid(), id, 1 FROM lot",
    "entries that do not sum to zero": "WITH t AS (INSERT INTO points_transaction (id, account_id, version, kind,"
    " points, change, balance_after, reference, reason, occurred_at, posted_at) SELECT gen_random_uuid(), id,"
    " version + 1, 'earned', 1, 1, 1, '', '', now(), now() FROM account RETURNING *), e AS (INSERT INTO entry"
    f" ({ENTRY}) SELECT account_id, version, id, 'pending', 1, 1 FROM t)"
    " UPDATE account SET version = version + 1",
}


@pytest.mark.parametrize("change", UNFIT.values(), ids=UNFIT)
def test_rows_that_do_not_fit_together_are_refused_at_once(me: UUID, change: str) -> None:
    give(me, 10)

    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        as_owner(change)

    assert differences() == []


def posted(*entries: str, kind: str = "returned", points: int = 1) -> str:
    """Return SQL that takes a point back in every table, with these entries."""
    return f"""
    WITH t AS (INSERT INTO points_transaction (id, account_id, version, kind, points, change, balance_after, reference,
                                               reason, occurred_at, posted_at)
        SELECT gen_random_uuid(), id, version + {len(entries)}, '{kind}', {points}, -1, 1, '', '', now(), now()
        FROM account RETURNING *),
    e AS (INSERT INTO entry ({ENTRY}) SELECT account_id, t.version + n - {len(entries)}, id, bucket, moved, 1
        FROM t CROSS JOIN (VALUES {", ".join(entries)}) AS those (n, bucket, moved)),
    l AS (UPDATE lot SET remaining = remaining - 1)
    UPDATE account SET version = version + {len(entries)}, available = available - 1, returned = returned + 1
    """


TAKEN_BACK = ("(1, 'available', -1)", "(2, 'returned', 1)")
SUM, SIGN, MERGED = "points of an account sum to zero", "each bucket has its sign", "a merged account is empty"
KIND, BUCKET = "a transaction is of a kind and moves points", "an entry changes a bucket"
WRONG_BY_ITSELF = [
    ("UPDATE account SET available = available + 1", SUM),
    ("UPDATE account SET available = -1, issued = 1", SIGN),
    ("UPDATE account SET held = -1, available = available + 1", SIGN),
    ("UPDATE account SET pending = -1, available = available + 1", SIGN),
    ("UPDATE account SET deficit = 1, available = available - 1", SIGN),
    ("UPDATE account SET issued = 5, adjusted = -15", SIGN),
    ("UPDATE account SET redeemed = -1, available = available + 1", SIGN),
    ("UPDATE account SET expired = -1, available = available + 1", SIGN),
    ("UPDATE account SET returned = -1, available = available + 1", SIGN),
    ("UPDATE account SET merged_into = gen_random_uuid()", MERGED),
    (posted(*TAKEN_BACK, kind="gift"), KIND),
    (posted(*TAKEN_BACK, points=0), KIND),
    (posted("(1, 'available', -1)", "(2, 'purse', 1)"), BUCKET),
    (posted(*TAKEN_BACK, "(3, 'held', 0)"), BUCKET),
]


@pytest.mark.parametrize(("change", "law"), WRONG_BY_ITSELF)
def test_a_row_that_is_wrong_by_itself_is_refused(me: UUID, change: str, law: str) -> None:
    give(me, 10)

    with pytest.raises(IntegrityError, match=law), transaction.atomic():
        as_owner(change)

    assert differences() == []


def test_what_is_refused_there_is_refused_for_nothing_else(me: UUID) -> None:
    give(me, 10)
    execute(posted(*TAKEN_BACK))
    assert points_of(me) == (9, 0)


def test_lots_and_accounts_cannot_be_emptied_as_a_whole(me: UUID) -> None:
    give(me, 10)
    for table in ("account", "lot"):
        with pytest.raises(DatabaseError), transaction.atomic():
            as_owner(f"TRUNCATE {table} CASCADE")
    assert differences() == []
