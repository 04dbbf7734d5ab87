"""Birthdays: once a year, at the beginning of the day, whatever happens to the job."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.due import DUE
from points.earning.queries import rules_at
from points.earning.rules import Schema
from points.events.explanations import explain_event
from points.events.models import BirthdayRun, Event, EventRules
from points.events.operations import birthdays, give_birthdays, next_birthdays, reverse_event
from points.events.operations.birthdays.earning import earn_by_birthdays
from points.events.rows import events
from points.events.rules.birthdays import days_of_year, next_day_of, numbers_after
from points.ledger.errors import NotReversible
from points.ledger.models import Transaction
from points.ledger.operations import merge_members, reverse_transaction
from points.ledger.rules.postings import LARGEST_BALANCE
from points.members.operations import note_deactivated
from points.programmes.operations import change_programme
from points.programmes.queries import MEMORY, default_programme
from shared.contracts.points import PointsEarned
from shared.contracts.rules import EarnedByRule
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, points_of, prove
from tests.judging_factories import activate, counts
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import TYPES, know, name_attributes

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# Midnight in Berlin, of the day of the tests' postings and of the next ones.
TODAY = datetime(2026, 2, 28, 23, tzinfo=UTC)
CAKE = rule("cake", fixed(50), trigger="birthday")
YEARLY = [{"of": "uses", "most": 1, "per": "year"}]


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    name_attributes()
    return UUID(str(member.id))


def cake(*rules: dict[str, Any], **more: Any) -> int:
    return activate(rule_set(*(rules or (CAKE,))), schema=Schema(attributes=TYPES), **more)


def posted() -> list[tuple[UUID, int, datetime]]:
    found = Transaction.objects.filter(kind="earned").order_by("occurred_at", "account__member_id")
    return list(found.values_list("account__member_id", "points", "occurred_at"))


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


def test_days_on_which_nothing_ran_are_made_up_for_by_the_rules_of_their_beginnings(
    me: UUID, other_member: Any
) -> None:
    cake()
    know(me, birthday="1984-03-03")
    know(other_member.id, birthday="1984-03-05")
    give_birthdays(at=AT)
    cake(rule("more", fixed(70), trigger="birthday"), at=TODAY + 3 * DAY)

    assert give_birthdays(at=AT + 9 * DAY) == 2

    assert posted() == [(me, 50, TODAY + 2 * DAY), (UUID(str(other_member.id)), 70, TODAY + 4 * DAY)]


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


def test_who_is_nobody_any_more_has_none(me: UUID, other_member: Any) -> None:
    cake()
    for who in (me, other_member.id, stranger := new_id()):
        know(who, birthday="1984-03-01")
    note_deactivated([(other_member.id, AT)])
    change_programme(default_programme().id, changes={"unknown_members": "refuse"}, actor_id=new_id(), at=AT)
    MEMORY.invalidate()

    assert (give_birthdays(at=AT), [who for who, _, _ in posted()], stranger in {me}) == (1, [me], False)


def test_a_person_who_was_merged_had_the_birthday_of_the_year(me: UUID, other_member: Any) -> None:
    cake()
    know(me, birthday="1984-03-01")
    know(other_member.id, birthday="1984-03-05")
    give_birthdays(at=AT)
    who = {"from_member_id": me, "into_member_id": other_member.id}
    merge_members(**who, reason="same", actor_id=new_id(), at=AT)

    assert give_birthdays(at=AT + 9 * DAY) == 0
    assert give_birthdays(at=AT + 369 * DAY) == 1
    assert posted()[-1] == (other_member.id, 50, TODAY + 369 * DAY)


def test_what_is_beyond_the_programmes_bound_is_kept_and_not_given(me: UUID) -> None:
    cake(rule("cake", fixed(50), trigger="birthday", limits=YEARLY))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 49}, actor_id=new_id(), at=AT)
    know(me, birthday="1984-03-01")

    assert (give_birthdays(at=AT), posted(), counts(me)) == (0, [], {})
    kept = Event.objects.get()
    assert (kept.points, kept.transaction_id, kept.no_points_reason) == (0, None, "too_many_points")
    prove()


def test_what_the_ledger_cannot_count_is_noted_and_leaves_the_others_alone(me: UUID, other_member: Any) -> None:
    cake(rule("cake", fixed(50), trigger="birthday", limits=YEARLY))
    for who in (me, other_member.id):
        know(who, birthday="1984-03-01")
    give(me, LARGEST_BALANCE - 49)

    assert (give_birthdays(at=AT), give_birthdays(at=AT)) == (1, 0)

    found = dict(Event.objects.values_list("member_id", "no_points_reason"))
    assert found == {me: "balance_too_large", UUID(str(other_member.id)): None}
    assert (counts(me), counts(other_member.id)) == ({}, {("cake", "uses", "2026"): 1})
    prove()


def test_points_that_wait_come_by_a_transaction_of_their_own_or_not_at_all(me: UUID, other_member: Any) -> None:
    later = rule("later", fixed(30), trigger="birthday", pending_days=14)
    cake(rule("small", fixed(1), trigger="birthday", limits=YEARLY), later, CAKE | {"lifetime": {"kind": "never"}})
    for who in (me, other_member.id):
        know(who, birthday="1984-03-01")
    # For the one there is room for the first of them only.
    give(me, LARGEST_BALANCE - 40)

    assert give_birthdays(at=AT) == 1

    event = Event.objects.get(member_id=other_member.id)
    key = f"birthday:{event.id}:earn"
    found = Transaction.objects.filter(reason="birthday").values_list("source_key", "points")
    assert (event.points, dict(found)) == (81, {key: 1, f"{key}:2": 30, f"{key}:3": 50})
    assert Event.objects.get(member_id=me).no_points_reason == "balance_too_large"
    assert (counts(me), counts(other_member.id)) == ({}, {("small", "uses", "2026"): 1})
    prove()


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


def test_who_is_merged_while_the_birthday_is_given_is_passed_over(me: UUID, other_member: Any) -> None:
    cake()
    for who in (me, other_member.id):
        know(who, birthday="1984-03-01")
    give(me, 1)
    who = {"from_member_id": me, "into_member_id": other_member.id}
    merge_members(**who, reason="same", actor_id=new_id(), at=AT)
    programme = default_programme()
    rules = rules_at(programme, TODAY)
    assert rules

    given = earn_by_birthdays(
        programme, rules, [me, UUID(str(other_member.id))], day=date(2026, 3, 1), begin=TODAY, at=AT
    )

    assert (given, list(Event.objects.values_list("member_id", flat=True))) == (1, [other_member.id])
    prove()


def test_a_closed_programme_gives_none(me: UUID) -> None:
    cake()
    know(me, birthday="1984-03-01")
    change_programme(default_programme().id, changes={"status": "closed"}, actor_id=new_id(), at=AT)

    with nothing_written():
        assert give_birthdays(at=AT) == 0


def test_a_day_is_given_in_pieces_and_the_next_run_goes_on(me: UUID) -> None:
    cake()
    everybody = sorted([me, *(new_id() for _ in range(6))])
    for who in everybody:
        know(who, birthday="1984-03-01")

    given = [give_birthdays(at=AT, limit=3, batches=batches) for batches in (1, 1, 5, 5)]

    assert given == [3, 3, 1, 0]
    assert sorted(who for who, _, _ in posted()) == everybody
    prove()


def die(*_: Any) -> None:
    raise KeyboardInterrupt


def test_what_was_undone_by_a_death_is_done_by_the_next_run(me: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    cake(rule("cake", fixed(50), trigger="birthday", limits=YEARLY))
    for who in (me, *(new_id() for _ in range(4))):
        know(who, birthday="1984-03-01")
    with monkeypatch.context() as dying:
        dying.setattr(birthdays.job.birthdays, "reach", die)
        with pytest.raises(KeyboardInterrupt):
            give_birthdays(at=AT)

    assert give_birthdays(at=AT) == 0
    assert (len(posted()), Event.objects.count()) == (5, 5)
    prove()


def test_birthdays_are_due_where_their_days_begin(me: UUID, other_member: Any) -> None:
    due = {one.kind: one for one in DUE}["birthdays"]
    cake()
    assert due.next(AT) is None
    know(me, birthday="2000-02-29")
    know(other_member.id, birthday="1984-03-05")

    assert due.next(AT) == TODAY + 4 * DAY
    assert due.run(TODAY + 4 * DAY) == 1
    assert due.next(TODAY + 4 * DAY) == datetime(2027, 2, 27, 23, tzinfo=UTC)
    assert due.run(datetime(2027, 2, 27, 23, tzinfo=UTC)) == 1
    assert due.next(datetime(2028, 2, 28, 12, tzinfo=UTC)) == datetime(2028, 2, 28, 23, tzinfo=UTC)


def test_a_piece_takes_as_many_statements_however_many_are_in_it(me: UUID) -> None:
    cake(rule("cake", fixed(50), trigger="birthday", limits=YEARLY))
    counted = []
    for number, day in ((2, "1984-03-01"), (2, "1984-03-02"), (9, "1984-03-03")):
        for _ in range(number):
            know(new_id(), birthday=day)
    for at in (AT, AT + DAY, AT + 2 * DAY):
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            give_birthdays(at=at)
        counted.append(len(asked))

    assert counted[1] == counted[2]
