"""Attributes, lists and birthdays that many write at once, or that a death interrupts."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.earning.rules import Schema
from points.events.models import BirthdayRun, Event
from points.events.operations import give_birthdays
from points.ledger.models import Account, Transaction
from points.programmes.queries import default_programme
from points.segments import operations
from points.segments.errors import SegmentNotFound
from points.segments.models import MemberAttributesVersion, Segment, SegmentMember
from shared.ids import new_id
from shared.testing.proofs import race
from shared.testing.waiting import until
from tests.concurrency.test_expiry_killed import _THERE, count, job, kill_while_it_waits
from tests.factories import AT, give, make_programme, prove
from tests.judging_factories import activate
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import TYPES, know, make_segment, name_attributes

pytestmark = pytest.mark.django_db(transaction=True)
YEARLY = [{"of": "uses", "most": 1, "per": "year"}]


@pytest.fixture(autouse=True)
def programme() -> Any:
    made = make_programme()
    name_attributes()
    return made


def born(count_of: int) -> list[UUID]:
    cake = rule("cake", fixed(50), trigger="birthday", limits=YEARLY)
    activate(rule_set(cake), schema=Schema(attributes=TYPES))
    members = sorted(new_id() for _ in range(count_of))
    for who in members:
        know(who, birthday="1984-03-01")
    return members


def change(add: list[UUID], remove: list[UUID]) -> Any:
    return operations.change_members(
        default_programme().id, "vip", add=add, remove=remove, actor_id=new_id(), at=AT
    )  # fmt: skip


def test_versions_of_one_member_have_no_gap_and_none_twice(member: Any) -> None:
    race(8, lambda number: know(member.id, children=number % 4))

    found = list(MemberAttributesVersion.objects.order_by("version").values_list("version", "attributes"))
    assert [version for version, _ in found] == list(range(1, len(found) + 1))
    assert all(found[place][1] != found[place + 1][1] for place in range(len(found) - 1))


def test_a_list_counts_whom_it_has_whoever_comes_and_leaves_at_once() -> None:
    members = [new_id() for _ in range(6)]
    make_segment("vip", None, *members[:2])

    race(8, lambda number: change(members[number % 3 :], []) if number % 2 else change([], members[: number % 5]))

    assert Segment.objects.get().members == SegmentMember.objects.count()


def test_nobody_comes_to_a_list_that_is_being_deleted() -> None:
    make_segment("vip")
    delete = lambda: operations.delete_segment(default_programme().id, "vip", actor_id=new_id(), at=AT)  # noqa: E731

    outcomes = race(6, lambda number: change([new_id()], []) if number else delete())

    assert {type(one) for one in outcomes} <= {type(None), operations.members.Changed, SegmentNotFound}
    there = SegmentMember.objects.count()
    assert (Segment.objects.get().members, operations.purge_deleted(), SegmentMember.objects.count()) == (
        there, there, 0,
    )  # fmt: skip


def test_two_jobs_at_once_give_each_birthday_once() -> None:
    members = born(12)

    given = race(4, lambda _: give_birthdays(at=AT, limit=2))

    assert sum(one for one in given if isinstance(one, int)) == 12
    assert sorted(Event.objects.values_list("member_id", flat=True)) == members
    assert Transaction.objects.filter(kind="earned").count() == 12
    prove()


CALL = f"""
from points.events.operations import give_birthdays
give_birthdays(at=datetime.fromisoformat({AT.isoformat()!r}), limit=2)
"""


def test_a_job_killed_in_the_middle_and_run_again_gives_each_birthday_once() -> None:
    members = born(7)
    # An account that is there; the others are made by the job.
    give(members[4], 1)

    with transaction.atomic(), job(CALL) as it:
        # The third piece cannot have the fifth member.
        Account.objects.select_for_update().get(member_id=members[4])
        kill_while_it_waits(it)
        assert Event.objects.count() == 4
    until(lambda: not count(_THERE))
    assert [(one.until, one.reached) for one in BirthdayRun.objects.all()] == [(date(2026, 2, 28), members[3])]

    assert give_birthdays(at=AT + timedelta(hours=1), limit=2) == 3

    assert sorted(Event.objects.values_list("member_id", flat=True)) == members
    assert Transaction.objects.filter(kind="earned", reason="birthday").count() == 7
    prove()
