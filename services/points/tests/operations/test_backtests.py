"""What a version of rules would have given for the purchases and events of a span, beside what they earned."""

from datetime import timedelta
from typing import Any

import pytest

from points.backtests import operations
from points.backtests.rules import Changed, RuleSum
from points.events import operations as events
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared.contracts.rules import BacktestPurchases
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.roles import OPERATOR
from tests.api.test_bounds import MERCHANT_ID, works_for_the_merchant
from tests.backtest_factories import DAY, NOW, backtested, result, start, work
from tests.budget_factories import make_budget
from tests.event_factories import MANY_STARS, NOBODY, REVIEW, SCHEMA, let_earn, on, registering, tell, told
from tests.factories import AT, make_programme, take_back
from tests.judging_factories import BASE, ONCE, PAPER, activate, buy_lines
from tests.operations.payment_factories import paid, points_of_payments
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import make_segment

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = {"field": "member.is_first_purchase", "op": "eq", "value": True}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "CHUNK", 2)
    make_programme()


def test_the_rules_of_then_give_what_was_earned_then(member: Any) -> None:
    version = activate(PAPER)
    for _ in range(3):
        buy_lines(member.id)
    buy_lines(new_id())

    sums = backtested(version)

    assert (sums.members, sums.purchases, sums.points, sums.then) == (2, 4, 76 * 4 + 200, 76 * 4 + 200)
    assert (sums.winners, sums.losers, sums.unsure) == (0, 0, {})
    assert sums.rules == {
        "base": RuleSum(4, 43 * 4, 0), "double-shoes": RuleSum(4, 33 * 4, 0), "welcome": RuleSum(2, 200, 0)
    }  # fmt: skip


def test_a_draft_is_tried_beside_what_was_earned(member: Any, other_member: Any) -> None:
    activate(rule_set(BASE))
    buy_lines(member.id)
    buy_lines(member.id)
    buy_lines(other_member.id, {"1": ("books", 1, 20_000)})
    once = [{"of": "uses", "most": 1, "per": "ever"}]
    version = activate(rule_set(rule("gift", fixed(100), limits=once)), at=NOW)

    sums = backtested(version)

    assert (sums.points, sums.then) == (200, 43 + 43 + 200)
    assert (sums.winners, sums.gained, sums.losers, sums.lost) == (1, 14, 1, 100)
    assert sums.largest_gains == [Changed(14, member.id, 100, 86)]
    assert sums.largest_losses == [Changed(-100, other_member.id, 100, 200)]


def test_payments_that_earned_nothing_by_plain_terms_are_tried_but_those_that_were_not_taken(member: Any) -> None:
    make_budget(10)
    bought = [paid(member.id, 99), paid(member.id, 1_000), paid(member.id, 1_000), paid(member.id, currency="CHF")]
    assert points_of_payments(*bought) == [(0, None), (10, None), (0, "budget"), (0, "currency")]
    version = activate(rule_set(BASE, rule("first", fixed(7), trigger="first_purchase")), at=NOW)

    sums = backtested(version)

    assert (sums.purchases, sums.points, sums.then) == (3, 27, 10)
    assert sums.rules == {"base": RuleSum(2, 20, 0), "first": RuleSum(1, 7, 0)}


def test_returns_take_back_by_the_rules_and_give_limits_back(member: Any) -> None:
    version = activate(PAPER)
    bought = buy_lines(member.id)
    take_back(bought, {"1": 1})
    take_back(bought)
    buy_lines(member.id, at=AT + timedelta(hours=1))

    sums = backtested(version)

    assert (sums.points, sums.returned) == (sums.then, sums.returned_then) == (352, 176)
    assert (sums.winners, sums.losers) == (0, 0)


def test_what_no_purchase_kept_of_its_member_is_what_is_known_today_and_counted(member: Any, other_member: Any) -> None:
    activate(rule_set(BASE))
    buy_lines(member.id)
    buy_lines(other_member.id)
    make_segment("vip", None, member.id)
    vip = {"field": "member.segments", "op": "has", "value": "vip"}
    version = activate(rule_set(rule("gift", fixed(100), condition=vip)), at=NOW)

    sums = backtested(version)

    assert (sums.points, sums.rules) == (100, {"gift": RuleSum(1, 100, 0)})
    assert sums.unsure == {"member.segments": 2}


def test_events_and_registrations_are_played_back_among_purchases(member: Any, other_member: Any) -> None:
    first = rule("first", fixed(7), trigger="event", condition=FIRST)
    version = let_earn(BASE, REVIEW, first, registering(50))
    tell(member.id)
    events.earn_by_registrations([events.Registration(member.id, AT)], at=AT)
    buy_lines(member.id, at=AT + timedelta(minutes=1))
    tell(member.id, at=AT + timedelta(minutes=2))
    tell(other_member.id, at=AT + timedelta(hours=1))

    sums = backtested(version)

    assert (sums.points, sums.then, sums.winners, sums.losers, sums.unsure) == (182, 182, 0, 0, {})
    assert (sums.members, sums.purchases, sums.events) == (2, 1, {"event": 3, "registration": 1})
    assert sums.rules == {
        "base": RuleSum(1, 43, 0), "review": RuleSum(3, 75, 0), "first": RuleSum(2, 14, 0),
        "registering": RuleSum(1, 50, 0),
    }  # fmt: skip


def test_events_without_rules_of_their_own_are_tried_and_say_what_they_did_not_keep(
    member: Any, other_member: Any
) -> None:
    let_earn(BASE, at=NOW)
    tell(member.id, at=AT)
    buy_lines(member.id, at=AT + timedelta(minutes=1))
    tell(member.id, at=AT + timedelta(minutes=2))
    buy_lines(other_member.id, at=AT - 20 * DAY)
    tell(other_member.id, at=AT)
    version = activate(rule_set(on("first", 7, FIRST)), at=NOW + DAY, schema=SCHEMA)

    sums = backtested(version)

    assert (sums.points, sums.then, sums.rules) == (7, 43, {"first": RuleSum(1, 7, 0)})
    assert sums.unsure == {"member.is_first_purchase": 3}
    assert (sums.winners, sums.losers, sums.largest_losses[0].change) == (0, 1, 7 - 43)


def test_a_reversed_event_gives_limits_back_when_it_was_reversed(member: Any) -> None:
    version = let_earn(on("once", 25, limits=ONCE))
    first = tell(member.id)
    assert tell(member.id, at=AT + timedelta(hours=1)).points == 0
    events.reverse_event(first.id, reason="r", actor_id=OPERATOR.id, at=AT + timedelta(hours=2))
    tell(member.id, at=AT + timedelta(hours=3))

    sums = backtested(version)

    assert (sums.points, sums.returned, sums.then, sums.returned_then) == (50, 25, 50, 25)
    assert sums.rules == {"once": RuleSum(2, 50, 25)}
    assert sums.events == {"event": 3}


def test_a_reversed_event_that_earned_nothing_is_taken_back_of_what_rules_would_have_given(member: Any) -> None:
    let_earn(on("other", 25, event="visit"))
    version = activate(rule_set(on("any", 10)), at=NOW, schema=SCHEMA)
    first, second = tell(member.id), tell(member.id)
    events.reverse_event(first.id, reason="r", actor_id=OPERATOR.id, at=AT + timedelta(hours=2))
    row = start(version)
    deliver(*published(BacktestPurchases))
    events.reverse_event(second.id, reason="r", actor_id=OPERATOR.id, at=AT + timedelta(hours=2))
    work()

    assert (first.points, result(row).points, result(row).returned, result(row).returned_then) == (0, 20, 10, 0)


def test_what_was_reversed_later_is_not_and_what_other_rules_gave_it_is(member: Any) -> None:
    let_earn(on("much", 25))
    version = activate(rule_set(on("little", 10)), at=NOW, schema=SCHEMA)
    first = tell(member.id)
    row = start(version)
    deliver(*published(BacktestPurchases))
    events.reverse_event(first.id, reason="r", actor_id=OPERATOR.id, at=AT + timedelta(hours=2))
    work()

    before, after = result(row), backtested(version)

    assert (before.points, before.returned, before.then, before.returned_then) == (10, 0, 25, 0)
    assert (after.points, after.returned, after.then, after.returned_then) == (10, 10, 25, 25)


def test_own_staff_and_what_is_too_much_at_once_earn_nothing(member: Any, other_member: Any) -> None:
    works_for_the_merchant(member)
    change_programme(default_programme().id, changes={"max_points_per_purchase": 30}, at=AT)
    let_earn(REVIEW, MANY_STARS)
    events.record_event(told(member.id, merchant_id=MERCHANT_ID), teller=NOBODY, at=AT)
    tell(other_member.id)
    version = activate(rule_set(on("much", 31)), at=NOW, schema=SCHEMA)

    sums = backtested(version)

    assert (sums.points, sums.refused, sums.then, sums.events) == (0, 1, 25, {"event": 2})


def test_an_event_asks_segments_as_they_were_kept_or_are_today(member: Any) -> None:
    tell_before = let_earn(REVIEW)
    tell(member.id)
    make_segment("vip", None, member.id)
    vip = {"field": "member.segments", "op": "has", "value": "vip"}
    version = activate(rule_set(on("gift", 9, vip)), at=AT + timedelta(hours=1), schema=SCHEMA)
    tell(member.id, at=AT + timedelta(hours=2))

    sums = backtested(version)

    assert tell_before != version
    assert (sums.points, sums.unsure) == (18, {"member.segments": 1})
