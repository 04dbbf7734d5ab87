from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.adjustments import operations as adjustments
from points.ledger import operations
from points.ledger.errors import InsufficientPoints
from points.ledger.models import Account, Entry, Lot, Transaction
from points.ledger.posting import load
from points.ledger.queries import transaction as find_transaction
from points.ledger.rules.values import Kind, Posted
from shared.contracts.points import PointsAdjusted, PointsRedeemed
from shared.ids import new_id
from shared.messaging.models import OutboxMessage
from shared.testing.messages import published
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from shared.testing.reads import rows_read
from tests.factories import AT, give, make_programme, points_of, posting, prove, spend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def test_earning_writes_a_transaction_its_entries_and_a_lot(me: UUID) -> None:
    fact = give(me, 120, reference="order-1")

    account = Account.objects.get()
    assert (account.available, account.issued, account.version) == (120, -120, 2)
    assert list(Entry.objects.order_by("version").values_list("bucket", "points", "balance_after")) == [
        ("available", 120, 120),
        ("issued", -120, -120),
    ]
    lot = Lot.objects.get()
    assert (lot.id, lot.points, lot.remaining) == (fact.id, 120, 120)
    # 365 days after 1 March, with the last day in Berlin, which is summer's midnight there no longer.
    assert lot.expires_at.astimezone(UTC).isoformat() == "2027-03-01T23:00:00+00:00"
    prove()


def test_redeeming_eats_lots_in_order_and_remembers_which(me: UUID) -> None:
    late, soon = give(me, 100, expires_at=AT + 9 * DAY), give(me, 50, expires_at=AT + DAY)

    fact = spend(me, 70)

    assert [(part.lot_id, part.points) for part in fact.lots] == [(soon.id, -50), (late.id, -20)]
    assert dict(Lot.objects.values_list("id", "remaining")) == {soon.id: 0, late.id: 80}
    assert (fact.change, fact.balance_after) == (-70, 80)
    prove()


def test_a_transaction_reads_as_it_was_posted(me: UUID) -> None:
    give(me, 100, expires_at=AT + 9 * DAY)
    give(me, 50, expires_at=AT + DAY)
    fact = spend(me, 70)

    assert find_transaction(fact.id) == fact


def test_a_refused_redemption_writes_nothing(me: UUID) -> None:
    give(me, 100)

    with nothing_written(), pytest.raises(InsufficientPoints):
        spend(me, 101)


def test_redeeming_without_an_account_writes_nothing(me: UUID) -> None:
    with nothing_written(), pytest.raises(InsufficientPoints):
        spend(me, 1)


def test_in_a_list_a_refused_posting_leaves_the_others_alone(me: UUID, other_member: Any) -> None:
    outcomes = operations.post(
        [
            posting(Kind.EARNED, me, 10),
            posting(Kind.REDEEMED, other_member.id, 1),
            posting(Kind.REDEEMED, me, 4),
            posting(Kind.REDEEMED, me, 7),
        ],
        at=AT,
    )

    assert [getattr(outcome, "balance_after", None) for outcome in outcomes] == [10, None, 6, None]
    assert points_of(me) == (6, 0)
    assert [message.points for message in published(PointsRedeemed)] == [4]
    prove()


def test_the_same_cause_in_two_lists_has_one_effect(me: UUID) -> None:
    (first,) = operations.post([posting(Kind.EARNED, me, 10, source_key="k")], at=AT)
    with nothing_written():
        (second,) = operations.post([posting(Kind.EARNED, me, 10, source_key="k")], at=AT)

    assert isinstance(first, Posted)
    assert isinstance(second, Posted)
    assert (second.id, second.is_repeated) == (first.id, True)


def test_texts_of_any_kind_come_back_as_they_were(me: UUID) -> None:
    reason = 'quote " backslash \\ braces {a,b} NULL newline \n tab \t ümlaut 🎉 \\" \x01'

    fact = give(me, 1, reason=reason, reference="NULL")

    assert Transaction.objects.values_list("reason", "reference").get() == (reason, "NULL")
    assert find_transaction(fact.id) == fact


def test_the_number_of_statements_does_not_grow_with_the_list(me: UUID, django_assert_num_queries: Any) -> None:
    for size in (2, 1000):
        members = [new_id() for _ in range(size)]
        earnings = [posting(Kind.EARNED, who, 5, source_key=f"e{who}") for who in members]
        redemptions = [posting(Kind.REDEEMED, who, 3) for who in members]
        with django_assert_num_queries(2):
            operations.post(earnings, at=AT)
        with django_assert_num_queries(1):
            operations.post(redemptions, at=AT)
    prove()


def test_a_single_posting_reads_once_and_once_more_to_make_the_account(
    me: UUID, django_assert_num_queries: Any
) -> None:
    earned, more, spent = posting(Kind.EARNED, me, 5), posting(Kind.EARNED, me, 5), posting(Kind.REDEEMED, me, 7)
    for command, reads in ((earned, 2), (more, 1), (spent, 1)):
        with django_assert_num_queries(reads):
            operations.post([command], at=AT)

    assert points_of(me) == (3, 0)
    prove()


def test_a_thousand_postings_of_one_member_are_one_list(me: UUID, django_assert_num_queries: Any) -> None:
    commands = [
        posting(Kind.EARNED if turn % 2 else Kind.REDEEMED, me, 2 if turn % 2 else 1) for turn in range(1, 1001)
    ]

    with django_assert_num_queries(1):
        operations.post(commands, at=AT)

    assert points_of(me) == (500, 0)
    prove()


def test_a_long_list_reads_a_few_rows_for_each_posting_also_by_plans_made_while_the_ledger_was_small(me: UUID) -> None:
    give(me, 100)
    spend(me, 40)
    as_owner("ANALYZE account, points_transaction, entry, lot, allocation")
    give(me, 10)
    spend(me, 10)
    commands = [
        posting(Kind.EARNED if turn % 2 else Kind.REDEEMED, me, 2 if turn % 2 else 1) for turn in range(1, 1001)
    ]

    with rows_read("account", "points_transaction", "entry", "lot", "allocation") as read:
        operations.post(commands, at=AT)

    assert read() <= 15 * len(commands)
    prove()


def test_a_spend_that_needs_more_lots_than_are_read_at_first_reads_them_all(
    me: UUID, django_assert_num_queries: Any
) -> None:
    operations.post([posting(Kind.EARNED, me, 1) for _ in range(3 * load.LOTS_AT_FIRST)], at=AT)

    with django_assert_num_queries(2):
        spend(me, 3 * load.LOTS_AT_FIRST)

    assert points_of(me) == (0, 0)
    prove()


def test_dead_lots_before_the_living_ones_do_not_hide_them(me: UUID) -> None:
    operations.post([posting(Kind.EARNED, me, 1, expires_at=AT + DAY) for _ in range(2 * load.LOTS_AT_FIRST)], at=AT)
    give(me, 5, expires_at=AT + 9 * DAY)

    assert spend(me, 5, at=AT + 2 * DAY).change == -5


def test_a_spend_reads_the_lots_that_may_pay_first(me: UUID) -> None:
    operations.post([posting(Kind.EARNED, me, 1) for _ in range(3 * load.LOTS_AT_FIRST)], at=AT)

    with rows_read("lot") as read:
        spend(me, 1)

    assert read() <= load.LOTS_AT_FIRST + 2


def test_adjusting_moves_points_both_ways_and_tells_why(me: UUID) -> None:
    for points in (50, -20):
        adjustments.adjust_points(
            programme_id=None, member_id=me, points=points, reason="ticket 7", actor_id=new_id(), at=AT
        )

    assert points_of(me) == (30, 0)
    assert [(message.change, message.reason) for message in published(PointsAdjusted)] == [
        (50, "ticket 7"),
        (-20, "ticket 7"),
    ]
    assert Account.objects.get().adjusted == -30
    prove()


def test_two_programmes_keep_a_members_points_apart(me: UUID) -> None:
    second = make_programme(name="Second")
    give(me, 10)
    give(me, 5, programme_id=second.id)

    with pytest.raises(InsufficientPoints):
        spend(me, 6, programme_id=second.id)
    assert points_of(me) == (10, 0)


def test_a_refusal_inside_undoes_the_message_too(me: UUID) -> None:
    make_programme(name="Second")
    before = OutboxMessage.objects.count()

    def give_and_spend_too_much() -> None:
        with transaction.atomic():
            give(me, 10)
            spend(me, 11)

    with pytest.raises(InsufficientPoints):
        give_and_spend_too_much()

    assert OutboxMessage.objects.count() == before


def test_a_long_list_of_new_members_reads_a_few_rows_for_each_where_tables_were_empty_a_moment_ago() -> None:
    """Statistics of an empty table must not make a plan that looks all lots up once for each account."""
    make_programme()
    as_owner("ANALYZE account, lot")
    members = [new_id() for _ in range(1500)]

    with rows_read("account", "points_transaction", "entry", "lot", "allocation") as read:
        given = operations.post([posting(Kind.EARNED, one, 10) for one in members], at=AT)
        spent = operations.post([posting(Kind.REDEEMED, one, 4) for one in members], at=AT)
        both = operations.post(
            [posting(Kind.EARNED if place % 2 else Kind.REDEEMED, one, 1) for place, one in enumerate(members)], at=AT
        )

    assert read() <= 15 * 3 * len(members)
    assert [fact.balance_after for fact in given if isinstance(fact, Posted)] == [10] * 1500
    assert [fact.balance_after for fact in spent if isinstance(fact, Posted)] == [6] * 1500
    assert [fact.balance_after for fact in both if isinstance(fact, Posted)] == [5, 7] * 750
