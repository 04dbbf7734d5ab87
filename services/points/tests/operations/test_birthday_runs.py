"""Days of birthdays are given in pieces, made up for, and done once whatever happens to the job."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.due import DUE
from points.events.models import Event
from points.events.operations import birthdays, give_birthdays
from shared.ids import new_id
from tests.factories import AT, prove
from tests.operations.birthday_factories import DAY, TODAY, YEARLY, cake, me, posted
from tests.rules.earning.factories import fixed, rule
from tests.segment_factories import know

__all__ = ["me"]  # fixtures
pytestmark = pytest.mark.django_db


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
