"""Birthdays: once a year each, at the beginning of the day in the programme's time zone."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from points.earning.queries import rules_at
from points.earning.rules import Trigger
from points.events.operations.birthdays.earning import earn_by_birthdays
from points.events.rows import birthdays
from points.events.rules.birthdays import days_of_year
from points.programmes.rules import Programme
from shared.db import unit_of_work
from shared.testclock.due import first
from shared.zones import local_day


def give_birthdays(*, at: datetime, limit: int = 1_000, batches: int = 100) -> int:
    """Give members what rules give on their birthdays of all days that have begun; return how many earned.

    By the rules of the moment at which each day began. Pieces of at most `limit` members are transactions of their
    own, at most so many of them: whoever runs it, and wherever it was killed, the next run goes on.
    """
    earned = 0
    for programme in birthdays.programmes_with_birthdays(at):
        today = local_day(at, programme.timezone)
        for day, number in _birthdays(programme, until=today, at=at):
            after = birthdays.place_in(programme.id, day, number)
            while after is not None:
                if not batches:
                    return earned
                batches -= 1
                count, after = _give_next(programme, day, number, after, at=at, limit=limit)
                earned += count
        birthdays.reach(programme.id, today)
    return earned


def next_birthdays(at: datetime) -> datetime | None:
    """Return when the next birthdays are due, after an instant."""
    return first(_next_of(programme, at=at) for programme in birthdays.programmes_with_birthdays(at))


def _next_of(programme: Programme, *, at: datetime) -> datetime | None:
    day = birthdays.next_birthday(programme.id, after=local_day(at, programme.timezone))
    return birthdays.begin_of(day, programme) if day else None


def _birthdays(programme: Programme, *, until: date, at: datetime) -> Iterator[tuple[date, int]]:
    """Yield the birthdays of days that are not done, and note each day once they are; days without are passed over."""
    done = birthdays.first_day(programme, at) - timedelta(days=1)
    while (day := birthdays.next_birthday(programme.id, after=done)) and day <= until:
        yield from ((day, number) for number in days_of_year(day))
        birthdays.reach(programme.id, day)
        done = day


def _give_next(
    programme: Programme, day: date, number: int, after: UUID, *, at: datetime, limit: int
) -> tuple[int, UUID | None]:
    """Give the next members of a birthday; return how many earned, and where to go on (nowhere when all have)."""
    begin = birthdays.begin_of(day, programme)
    rules = rules_at(programme, begin)
    if rules is None or Trigger.BIRTHDAY not in rules.ready.by_trigger:
        return 0, None
    with unit_of_work():
        birthdays.lock_birthdays()
        found, further = birthdays.next_members(programme, number, year=day.year, after=after, limit=limit)
        earned = earn_by_birthdays(programme, rules, found, day=day, begin=begin, at=at) if found else 0
        if further:
            birthdays.note_place(programme.id, day, number, further)
        return earned, further
