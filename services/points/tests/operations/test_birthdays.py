"""Birthdays: once a year, at the beginning of the day, by the rules of then."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.events.explanations import explain_event
from points.events.models import BirthdayRun, Event, EventRules
from points.events.operations import give_birthdays, next_birthdays, reverse_event
from points.events.rows import events
from points.events.rules.birthdays import days_of_year, next_day_of, numbers_after
from points.ledger.errors import NotReversible
from points.ledger.models import Transaction
from points.ledger.operations import reverse_transaction
from shared.contracts.points import PointsEarned
from shared.contracts.rules import EarnedByRule
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, points_of, prove
from tests.judging_factories import counts
from tests.operations.birthday_factories import DAY, TODAY, YEARLY, cake, me, posted
from tests.rules.earning.factories import fixed, rule
from tests.segment_factories import know

__all__ = ["me"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "numbers"),
    [
        (date(2026, 2, 28), (228, 229)),
        (date(2028, 2, 28), (228,)),
        (date(2028, 2, 29), (229,)),
        (date(2100, 2, 28), (228, 229)),
        (date(2026, 3, 1), (301,)),
        (date(2026, 12, 31), (1231,)),
    ],
)
def test_who_was_born_on_a_leap_day_has_it_on_the_last_of_february(day: date, numbers: tuple[int, ...]) -> None:
    assert days_of_year(day) == numbers


@pytest.mark.parametrize(
    ("number", "after", "found"),
    [
        (301, date(2026, 3, 1), date(2027, 3, 1)),
        (302, date(2026, 3, 1), date(2026, 3, 2)),
        (229, date(2026, 2, 27), date(2026, 2, 28)),
        (229, date(2026, 3, 1), date(2027, 2, 28)),
        (229, date(2027, 3, 1), date(2028, 2, 29)),
        (101, date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_a_birthday_comes_again(number: int, after: date, found: date) -> None:
    assert next_day_of(number, after=after) == found


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 2, 27), [228, 229, 301], 227),
        (date(2026, 2, 28), [301, 302, 303], 229),
        (date(2028, 2, 28), [229, 301, 302], 228),
        (date(2026, 12, 31), [101, 102, 103], 1231),
    ],
)
def test_birthdays_come_in_the_order_of_their_days(day: date, first: list[int], last: int) -> None:
    found = numbers_after(day)

    assert (found[:3], found[-1], len(found), len(set(found))) == (first, last, 366, 366)
    assert [next_day_of(number, after=day) for number in found] == sorted(
        next_day_of(number, after=day) for number in found
    )


def test_a_birthday_gives_what_rules_say_and_says_why(me: UUID) -> None:
    version = cake(rule("cake", fixed(50), trigger="birthday", limits=YEARLY), rule("base", fixed(9)))
    know(me, birthday="1984-03-01", city="Köln")

    assert give_birthdays(at=AT) == 1

    assert (posted(), points_of(me)) == ([(me, 50, TODAY)], (50, 0))
    made = Transaction.objects.get(kind="earned")
    event = Event.objects.get()
    assert (event.trigger, event.year, event.occurred_at, event.points) == ("birthday", 2026, TODAY, 50)
    assert (made.reason, made.reference, made.posted_at) == ("birthday", f"birthday:{event.id}", AT)
    (message,) = published(PointsEarned)
    assert message.rules == [EarnedByRule(id="cake", version=version, points=50)]
    assert counts(me) == {("cake", "uses", "2026"): 1}
    found = explain_event(events.read([event.id])[event.id])
    assert found
    assert [(one.id, outcome.points, outcome.is_met) for one, outcome, _ in found.judged.rules] == [("cake", 50, True)]
    assert found.attributes_version is None
    prove()


def test_a_birthday_is_once_a_year(me: UUID) -> None:
    cake()
    know(me, birthday="1984-03-01")

    assert [give_birthdays(at=AT), give_birthdays(at=AT), give_birthdays(at=AT + 12 * timedelta(hours=1))] == [1, 0, 0]
    know(me, birthday="1984-03-02")
    assert give_birthdays(at=AT + DAY) == 0
    know(me, birthday="1984-03-01")
    assert give_birthdays(at=AT + 365 * DAY) == 1
    assert [(one.year, one.points) for one in Event.objects.order_by("year")] == [(2026, 50), (2027, 50)]
    prove()


def test_a_day_begins_where_the_programme_is(me: UUID) -> None:
    cake()
    know(me, birthday="1984-03-02")
    midnight = TODAY + DAY

    assert give_birthdays(at=midnight - timedelta(microseconds=1)) == 0
    assert give_birthdays(at=midnight) == 1
    assert posted() == [(me, 50, midnight)]


def test_rules_that_start_during_a_day_are_for_the_next_one(me: UUID) -> None:
    cake(at=TODAY + timedelta(hours=1))
    know(me, birthday="1984-03-01")

    assert (give_birthdays(at=AT), BirthdayRun.objects.get().until) == (0, date(2026, 3, 1))
    with nothing_written():
        assert give_birthdays(at=AT) == 0


def test_without_rules_of_birthdays_nothing_is_done(me: UUID) -> None:
    cake(rule("base", fixed(9)))
    know(me, birthday="1984-03-01")

    with nothing_written():
        assert (give_birthdays(at=AT), next_birthdays(AT)) == (0, None)


def test_a_condition_asks_the_member_and_the_day(me: UUID, other_member: Any) -> None:
    local = {"field": "member.attributes.city", "op": "eq", "value": "Köln"}
    sunday = {"field": "time.weekday", "op": "eq", "value": "sunday"}
    cake(rule("cake", fixed(50), trigger="birthday", condition={"all": [local, sunday]}))
    know(me, birthday="1984-03-01", city="Köln")
    know(other_member.id, birthday="1984-03-01", city="Bonn")

    assert (give_birthdays(at=AT), [who for who, _, _ in posted()]) == (1, [me])
    known = EventRules.objects.values_list("member_id", "known")
    assert dict(known) == {
        who: {"member.attributes.city": city, "member.attributes_version": 1}
        for who, city in ((me, "Köln"), (UUID(str(other_member.id)), "Bonn"))
    }
    assert dict(Event.objects.values_list("member_id", "points")) == {me: 50, UUID(str(other_member.id)): 0}
    prove()


def test_a_first_purchase_that_is_to_come_is_known(me: UUID) -> None:
    first = {"field": "member.is_first_purchase", "op": "eq", "value": True}
    cake(rule("cake", fixed(50), trigger="birthday", condition=first))
    know(me, birthday="1984-03-01")

    assert give_birthdays(at=AT) == 1


def test_what_a_birthday_gave_is_taken_back_with_its_limits_and_it_stays_noted(me: UUID) -> None:
    cake(rule("cake", fixed(50), trigger="birthday", limits=YEARLY))
    know(me, birthday="1984-03-01")
    give_birthdays(at=AT)
    made = Transaction.objects.get(kind="earned")
    with pytest.raises(NotReversible), transaction.atomic():
        reverse_transaction(made.id, reason="wrong", actor_id=new_id(), at=AT)

    event = reverse_event(Event.objects.get().id, reason="wrong", actor_id=new_id(), at=AT)

    assert (event.reversed_by is not None, points_of(me), counts(me)) == (True, (0, 0), {("cake", "uses", "2026"): 0})
    assert give_birthdays(at=AT) == 0
    prove()


def test_it_is_among_the_members_events_and_no_merchant_sees_it(
    member: Actor, merchant: Actor, operator: Actor, me: UUID
) -> None:
    cake()
    know(me, birthday="1984-03-01")
    give_birthdays(at=AT)

    (listed,) = member.get("/api/v1/points/events").json()["results"]
    told = (listed["trigger"], listed["event_id"], listed["name"], listed["merchant_id"], listed["points"])
    assert told == ("birthday", None, "", None, 50)
    assert operator.get("/api/v1/points/events").json()["results"] == [listed]
    assert merchant.get("/api/v1/points/events").json()["results"] == []
    assert merchant.get(f"/api/v1/points/events/{listed['id']}").status_code == 404
    found = member.get(f"/api/v1/points/transactions/{listed['transaction_id']}/explanation").json()
    assert (found["event"], [one["points"] for one in found["by_rules"]["rules"]]) == (listed, [50])
    assert found["lots"][0]["came_from"]["origin"] == "birthday"
