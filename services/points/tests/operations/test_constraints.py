"""What the database refuses of the tables beside the ledger's, whose invariants are in tests/invariants."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from points.adjustments import operations as adjustments
from points.adjustments.rows import Adjustment
from points.events import operations as events
from points.events.operations import Registration
from points.expiry import operations as ending
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared.ids import new_id
from shared.testing.owner import as_owner
from tests.event_factories import let_earn, on, registering, tell
from tests.factories import AT, buy, give, make_programme, spend, take_back

pytestmark = pytest.mark.django_db
RETURN = """
INSERT INTO purchase_return (refund_id, payment_id, amount, points, returned_at, own, others, owed, forgiven, policy,
    restored, expired, reason)
SELECT gen_random_uuid(), payment_id, amount, points, returned_at, {parts}, '{policy}', {restored}, expired, reason
FROM purchase_return
"""
CUT = """
INSERT INTO purchase (payment_id, member_id, amount, points, returned, points_returned, channel, store, metadata,
    lines_by, budget, cut)
SELECT gen_random_uuid(), member_id, 1, 0, 0, 0, '', '', '{{}}', 'merchant', {} FROM purchase
"""


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.mark.parametrize("table", ["adjustment_request", "adjustment_decision"])
@pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_who_asked_and_who_decided_cannot_be_changed(me: UUID, table: str, change: str) -> None:
    asked = ask(me)
    adjustments.reject_adjustment(asked, actor_id=new_id(), at=AT)
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
        " reference, currency, money_amount, occurred_at, channel, store, metadata, lines_by)"
        " SELECT gen_random_uuid(), programme_id, member_id, 1, 0, 0, 0, reference, 'EUR', 1, now(), '', '', '{}',"
        " 'merchant' FROM purchase",
        "UPDATE purchase SET lines_by = 'member'",
        "UPDATE purchase SET store = 'elsewhere'",
        "UPDATE purchase SET cut = NULL",
        "UPDATE purchase SET budget = 'all', cut = 5",
        *(CUT.format(said) for said in ("'all', NULL", "'all', 0", "NULL, 5", "NULL, -1")),
        "UPDATE purchase_line SET points_returned = points + 1",
        "UPDATE purchase_spend SET restored = restored - 1",
        "UPDATE purchase_spend SET restored = points + 1",
        "UPDATE purchase_spend SET points = points + 1",
        "DELETE FROM purchase_spend",
        "TRUNCATE purchase_spend",
        "INSERT INTO purchase_spend SELECT * FROM purchase_spend",
        "UPDATE purchase_return SET own = 0",
        "DELETE FROM purchase_return",
        "TRUNCATE purchase_return",
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


EVENT = """
INSERT INTO event (id, programme_id, trigger, merchant_id, event_id, name, year, member_id, occurred_at, recorded_at,
    data, points, transaction_id, no_points_reason, rules_version)
SELECT gen_random_uuid(), programme_id, {by}, member_id, occurred_at, recorded_at, data, {earned} FROM event
WHERE event_id IS {what} NULL
"""
TOLD, JUDGED = "'event', NULL, 'other', 'visit', NULL", "0, NULL, NULL, 1"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET points = 1",
        "DELETE FROM event_rules",
        "DELETE FROM event",
        "TRUNCATE event CASCADE",
        "UPDATE event_rules SET known = '{}'",
        "INSERT INTO event_rules SELECT * FROM event_rules",
        *(
            EVENT.format(by=by, earned=earned, what="NOT")
            for by, earned in (
                ("trigger, merchant_id, event_id, name, NULL", JUDGED),
                ("'event', merchant_id, event_id, 'visit', NULL", JUDGED),
                ("'event', NULL, 'other', '', NULL", JUDGED),
                ("'event', NULL, NULL, 'visit', NULL", JUDGED),
                ("'event', NULL, 'other', 'visit', 2026", JUDGED),
                ("'birth', NULL, NULL, '', NULL", JUDGED),
                ("'registration', gen_random_uuid(), NULL, '', NULL", JUDGED),
                ("'registration', NULL, NULL, 'visit', NULL", JUDGED),
                ("'birthday', gen_random_uuid(), NULL, '', 2027", JUDGED),
                ("'birthday', NULL, 'other', '', 2027", JUDGED),
                ("'birthday', NULL, NULL, 'visit', 2027", JUDGED),
                ("'birthday', NULL, NULL, '', NULL", JUDGED),
                (TOLD, "-1, gen_random_uuid(), NULL, 1"),
                (TOLD, "1, NULL, NULL, 1"),
                (TOLD, "0, gen_random_uuid(), NULL, 1"),
                (TOLD, "1, gen_random_uuid(), 'no_rules', NULL"),
                (TOLD, "0, NULL, NULL, NULL"),
                (TOLD, "0, NULL, 'no_rules', 1"),
            )
        ),
        EVENT.format(by="'registration', NULL, NULL, '', NULL", earned=JUDGED, what=""),
        # Of both at once: the second one is the member's second of the year.
        EVENT.format(by="'birthday', NULL, NULL, '', 2027", earned=JUDGED, what="NULL OR event_id IS NOT"),
    ],
)
def test_an_event_is_told_once_stays_and_says_what_it_earned(me: UUID, change: str) -> None:
    let_earn(on("review", 5), registering(5))
    tell(me)
    events.earn_by_registrations([Registration(me, AT)], at=AT)
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
    ending.publish_expiring(at=AT)
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


def ask(member_id: UUID) -> UUID:
    change_programme(default_programme().id, changes={"adjustment_limit": 10}, at=AT)
    asked = adjustments.ask_for_adjustment(
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
