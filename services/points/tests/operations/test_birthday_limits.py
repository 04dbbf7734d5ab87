"""Who has no birthday, and which gifts are beyond what programme or ledger can give."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from points.earning.queries import rules_at
from points.events.models import Event
from points.events.operations import give_birthdays
from points.events.operations.birthdays.earning import earn_by_birthdays
from points.ledger.models import Transaction
from points.ledger.operations import merge_members
from points.ledger.rules.postings import LARGEST_BALANCE
from points.members.operations import note_deactivated
from points.programmes.operations import change_programme
from points.programmes.queries import MEMORY, default_programme
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, prove
from tests.judging_factories import counts
from tests.operations.birthday_factories import CAKE, DAY, TODAY, YEARLY, cake, me, posted
from tests.rules.earning.factories import fixed, rule
from tests.segment_factories import know

__all__ = ["me"]  # fixtures
pytestmark = pytest.mark.django_db


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
