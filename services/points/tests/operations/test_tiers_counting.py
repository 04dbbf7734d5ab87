"""Tiers by what members buy and by what happens to them: each road by which that is told and taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.events.operations import record_events
from points.ledger.operations import merge_members
from points.members.operations import note_staff
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from points.purchases.operations import Teller
from points.purchases.rules.purchases import RecordedPurchase, Told
from points.tiers.models import TierCounted
from points.tiers.operations import change_scheme, judge_periods
from points.tiers.queries.changes import tier_changes
from points.tiers.rules.metrics import MOST_OF_ONE
from shared.errors import DomainError, TooEarly
from shared.ids import new_id
from shared.testing import roles
from tests.counting_factories import (
    REVIEWS,
    STARS,
    VISITS,
    days_of,
    is_proven,
    make_counting,
    payment,
    record,
    refund,
    undo,
)  # fmt: skip
from tests.event_factories import tell, told
from tests.factories import AT, buy, give, make_programme, points_of, spend, take_back
from tests.tier_factories import changes, code, document, make_tiers, tier

pytestmark = pytest.mark.django_db
ME, OTHER = roles.MEMBER.id, roles.OTHER_MEMBER.id
DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)  # in Berlin
TODAY = "2026-03-01"


def test_purchases_count_what_they_come_to_whether_or_not_they_earn() -> None:
    make_counting("spend")
    record(ME, 99)
    assert (points_of(ME), code(ME), days_of(ME)) == ((0, 0), None, {TODAY: 99})

    last = record(ME, 401)
    assert (code(ME), days_of(ME)) == ("gold", {TODAY: 500})
    assert changes(ME) == [(None, "gold", AT, "earned")]
    assert tier(ME).standing.changes == 1
    give(ME, 10_000)
    assert (code(ME), days_of(ME)) == ("gold", {TODAY: 500})

    take_back(last, amount=1, at=AT + DAY)
    assert (code(ME, at=AT + DAY), days_of(ME)) == ("silver", {TODAY: 499})
    assert changes(ME)[-1] == ("gold", "silver", AT + DAY, "taken_back")
    assert is_proven()


def test_a_part_that_points_paid_counts_too() -> None:
    make_counting("spend")
    give(ME, 1_000)
    record(ME, 1_000, redemption_ids=(spend(ME, 1_000).id,))

    assert days_of(ME) == {TODAY: 1_000}


def test_a_preview_of_a_return_moves_nothing_and_the_return_once() -> None:
    make_counting("spend")
    shoes = record(ME, 500)
    take_back(shoes, amount=300, preview=True)
    assert days_of(ME) == {TODAY: 500}

    for _ in range(2):
        take_back(shoes, amount=300, return_id="r-1")
    assert (code(ME), days_of(ME)) == ("silver", {TODAY: 200})


def test_an_order_goes_when_nothing_of_it_is_left() -> None:
    make_counting("orders", {"code": "two", "name": "Two", "enter": 2})
    shoes = record(ME, 80)
    record(ME, 0)
    assert days_of(ME) == {TODAY: 1}
    record(ME, 4_000)
    assert (code(ME), days_of(ME)) == ("two", {TODAY: 2})

    take_back(shoes, amount=79)
    assert days_of(ME) == {TODAY: 2}
    take_back(shoes, amount=1)
    assert (code(ME), days_of(ME)) == (None, {TODAY: 1})


def test_a_late_purchase_counts_on_its_day_and_moves_no_tier_of_another_period() -> None:
    make_counting("spend")
    change_programme(default_programme().id, changes={"max_purchase_age_days": 365}, at=AT)
    record(ME, 500, ago=3 * DAY)
    assert (code(ME), days_of(ME)) == ("gold", {"2026-02-26": 500})

    record(ME, 700, ago=80 * DAY)
    assert (days_of(ME)["2025-12-11"], code(ME), tier(ME).progress) == (700, "gold", 500)


def test_a_payment_counts_once_however_often_it_is_told_and_so_does_its_refund() -> None:
    make_counting("spend")
    small, large = payment(ME, 70), payment(ME, 450)
    for _ in range(2):
        purchases.earn_purchases([small, large], at=AT)
    assert (code(ME), days_of(ME)) == ("gold", {TODAY: 520})

    back = [refund(small.payment_id, 50), refund(small.payment_id, 20), refund(large.payment_id, 50)]
    for _ in range(2):
        purchases.claw_back_refunds(back, at=AT)
    assert (code(ME), days_of(ME)) == ("silver", {TODAY: 400})
    assert is_proven()


def test_a_payment_that_earned_nothing_is_of_the_programme_that_was_the_default_one() -> None:
    make_counting("spend")
    small = payment(ME, 70)
    purchases.earn_purchases([small], at=AT)
    change_programme(make_programme(name="Other").id, changes={"is_default": True}, at=AT)
    purchases.claw_back_refunds([refund(small.payment_id, 30)], at=AT)

    assert days_of(ME) == {TODAY: 40}


def test_payments_that_the_programme_does_not_take_count_nothing() -> None:
    make_counting("spend")
    staffed = new_id()
    note_staff([(ME, staffed, 1)])
    refused = [
        payment(ME, 500, currency="USD"),
        payment(ME, 500, merchant_id=staffed),
        payment(ME, default_programme().max_amount + 1),
    ]
    purchases.earn_purchases(refused, at=AT)
    record(ME, 500, merchant_id=staffed)
    tell(ME, merchant_id=staffed)
    for one in refused:
        purchases.claw_back_refunds([refund(one.payment_id, 100)], at=AT)

    assert (days_of(ME), TierCounted.objects.count()) == ({}, 0)


@pytest.mark.parametrize("amount", [60, 6_000])
def test_an_order_that_is_recorded_and_paid_counts_once(amount: int) -> None:
    make_counting("orders")
    shop = new_id()
    record(ME, amount, merchant_id=shop, reference="7")
    purchases.earn_purchases([payment(ME, amount, merchant_id=shop, order_id="7") for _ in range(2)], at=AT)
    assert days_of(ME) == {TODAY: 1}

    purchases.earn_purchases([payment(ME, amount, merchant_id=shop, order_id="8") for _ in range(2)], at=AT)
    assert days_of(ME) == {TODAY: 2}


def test_a_refund_of_a_payment_that_is_not_known_yet_moves_nothing() -> None:
    make_counting("spend")
    with pytest.raises(TooEarly), transaction.atomic():
        purchases.claw_back_refunds([refund(new_id(), 50)], at=AT)

    assert days_of(ME) == {}


def test_of_a_list_those_count_that_are_recorded() -> None:
    make_counting("spend")
    record(ME, 30, reference="known")
    those = [("known", ME, 30), ("first", ME, 90), ("dear", OTHER, 10**12), ("second", ME, 40), ("other", OTHER, 120)]
    told_of = [
        Told(
            RecordedPurchase(
                reference=name, merchant_id=None, member_id=who, currency="EUR", amount=amount, occurred_at=AT
            ),
            None,
        )
        for name, who, amount in those
    ]
    outcomes = purchases.record_purchases(told_of, teller=Teller(None), at=AT)

    assert [isinstance(one, DomainError) for one in outcomes] == [False, False, True, False, False]
    assert (days_of(ME), days_of(OTHER)) == ({TODAY: 160}, {TODAY: 120})
    assert changes(ME) == [(None, "silver", AT, "earned")]
    assert is_proven()


def test_events_of_the_name_count_whether_or_not_they_earn() -> None:
    make_counting(VISITS, {"code": "two", "name": "Two", "enter": 2})
    tell(ME)
    assert days_of(ME) == {}
    for _ in range(2):
        tell(ME, name="visit", data={}, event_id="v-1")
    assert (code(ME), days_of(ME)) == (None, {TODAY: 1})

    tell(ME, name="visit", data={}, occurred_at=AT - DAY)
    assert (code(ME), days_of(ME)) == ("two", {"2026-02-28": 1, TODAY: 1})


def test_a_reversed_event_counts_no_more() -> None:
    make_counting(REVIEWS, {"code": "two", "name": "Two", "enter": 2})
    first, _ = tell(ME), tell(ME)
    undo(first, at=AT + DAY)

    assert (code(ME, at=AT + DAY), days_of(ME)) == (None, {TODAY: 1})
    assert changes(ME) == [(None, "two", AT, "earned"), ("two", None, AT + DAY, "taken_back")]


def test_a_reversed_event_counts_no_more_whether_or_not_it_earned() -> None:
    make_counting(VISITS, {"code": "two", "name": "Two", "enter": 2})
    first, _ = tell(ME, name="visit", data={}), tell(ME, name="visit", data={})
    undone = undo(first, at=AT + DAY)

    assert (code(ME, at=AT + DAY), days_of(ME)) == (None, {TODAY: 1})
    assert tier_changes(default_programme().id, ME).latest("number").reference == undone.reversed_by
    assert is_proven()


def test_a_field_counts_what_it_says_and_never_less_than_nothing() -> None:
    make_counting(STARS)
    first = tell(ME, data={"stars": 60})
    for stars in (-50, 0, 45):
        tell(ME, data={"stars": stars})
    tell(ME, name="visit", data={})
    assert (code(ME), days_of(ME)) == ("silver", {TODAY: 105})
    undo(first)
    assert (code(ME), days_of(ME)) == (None, {TODAY: 45})

    for _ in range(20):
        tell(OTHER, data={"stars": 2**63 - 1})
    assert days_of(OTHER) == {TODAY: 20 * MOST_OF_ONE}


def test_of_a_list_of_events_those_count_that_are_recorded() -> None:
    make_counting(STARS)
    those = [told(ME, data={"stars": 50}), told(OTHER, data={"stars": "x"}), told(ME, data={"stars": 60})]
    outcomes = record_events([*those, those[0]], teller=Teller(None), at=AT)

    assert [isinstance(one, DomainError) for one in outcomes] == [False, True, False, False]
    assert (code(ME), days_of(ME), days_of(OTHER)) == ("silver", {TODAY: 110}, {})


def test_what_was_told_before_there_were_tiers_takes_nothing_when_it_comes_back() -> None:
    make_programme()
    old = record(ME, 300)
    make_tiers(metric="spend")
    record(ME, 100)
    take_back(old)

    assert (code(ME), days_of(ME)) == ("silver", {TODAY: 100})


def test_what_counts_of_a_merged_member_is_the_others() -> None:
    make_counting("spend")
    old = record(ME, 80)
    merge_members(from_member_id=ME, into_member_id=OTHER, reason="two cards", actor_id=roles.OPERATOR.id, at=AT)
    assert (days_of(ME), days_of(OTHER)) == ({}, {TODAY: 80})

    record(ME, 30)
    paid = payment(ME, 70)
    purchases.earn_purchases([paid], at=AT)
    assert (days_of(ME), days_of(OTHER), code(OTHER)) == ({}, {TODAY: 180}, "silver")
    take_back(old)
    purchases.claw_back_refunds([refund(paid.payment_id, 70)], at=AT)
    assert (days_of(OTHER), code(OTHER)) == ({TODAY: 30}, None)


def test_a_period_is_judged_by_what_counts() -> None:
    make_counting("spend", downgrade="all")
    record(ME, 600)
    judge_periods(at=NEW_YEAR)
    assert code(ME, at=NEW_YEAR) == "gold"

    record(ME, 90, at=NEW_YEAR + DAY)
    judge_periods(at=NEW_YEAR + 365 * DAY)
    assert changes(ME)[-1] == ("gold", "silver", NEW_YEAR + 365 * DAY, "period_end")


def test_where_points_count_nothing_is_kept_of_purchases_and_events() -> None:
    make_counting("points")
    take_back(buy(ME, {"1": (1, 12_000)}), amount=2_000)
    undo(tell(ME))

    assert (code(ME), days_of(ME), TierCounted.objects.count()) == ("silver", {TODAY: 100}, 0)


def test_what_counts_stays_what_it_was() -> None:
    make_counting(VISITS)
    for metric in ("points", "spend", REVIEWS, STARS):
        with pytest.raises(DomainError) as refused, transaction.atomic():
            change_scheme(default_programme().id, document(metric=metric), actor_id=roles.OPERATOR.id, at=AT)
        assert [one["code"] for one in refused.value.members["errors"]] == ["metric_fixed"]


@pytest.mark.parametrize("metric", ["spend", STARS])
def test_the_number_of_statements_does_not_grow(metric: Any) -> None:
    make_counting(metric)

    def many(size: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            if metric == "spend":
                purchases.earn_purchases([payment(new_id(), 200 * (n % 2) + 50) for n in range(size)], at=AT)
            else:
                those = [told(new_id(), data={"stars": 200 * (n % 2) + 50}) for n in range(size)]
                record_events(those, teller=Teller(None), at=AT)
        return len(queries)

    many(3)
    assert many(20) == many(200)
