"""Whose birthday a day is, and which days are done."""

from datetime import date, datetime, timedelta
from uuid import UUID

from points.earning.queries import MEMORY, ActiveRules, active_since
from points.earning.rules import Trigger
from points.events.rules.birthdays import next_day_of, numbers_after
from points.members.queries import unknown_of
from points.programmes.queries import COLUMNS, programme_of
from points.programmes.rules import Programme
from shared.db import array, execute, rows, rows_in_order
from shared.zones import local_day, midnight_after

# In the order of their index, from one member on; some of them may be nobody's to give to any more.
_NEXT = """
SELECT member_id FROM member_attributes
WHERE (birthday, programme_id, member_id) > (%(number)s::smallint, %(programme)s::uuid, %(after)s::uuid)
    AND (birthday, programme_id, member_id) <= (%(number)s::smallint, %(programme)s::uuid, %(last)s::uuid)
    AND birthday IS NOT NULL
ORDER BY birthday, programme_id, member_id LIMIT %(limit)s
"""
# Whoever the person was before had the birthday of this year, by any number of merges.
_FRESH = """
WITH RECURSIVE person (now, member_id) AS (
    SELECT id, id FROM unnest(%(members)s::uuid[]) AS said (id)
    WHERE NOT EXISTS (SELECT FROM member_merge m WHERE m.from_member_id = said.id)
        AND NOT EXISTS (SELECT FROM known_member k WHERE k.member_id = said.id AND k.deactivated_at IS NOT NULL)
    UNION ALL
    SELECT person.now, m.from_member_id FROM person JOIN member_merge m ON m.into_member_id = person.member_id)
SELECT now FROM person LEFT JOIN LATERAL (
    SELECT true AS is_done FROM event b WHERE b.member_id = person.member_id AND b.programme_id = %(programme)s::uuid
        AND b.trigger = 'birthday' AND b.year = %(year)s::smallint OFFSET 0) b ON true
GROUP BY now HAVING count(b.is_done) = 0 ORDER BY now
"""
_REACH = """
INSERT INTO birthday_run (programme_id, until) VALUES (%s, %s)
ON CONFLICT (programme_id) DO UPDATE SET until = greatest(birthday_run.until, excluded.until)
"""
_PLACE = """
INSERT INTO birthday_run (programme_id, until, day, number, reached) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (programme_id) DO UPDATE SET day = excluded.day, number = excluded.number, reached = excluded.reached
WHERE birthday_run.until < excluded.day
"""
# Each day of a year is looked up by itself, in the order in which they come, until one is somebody's birthday.
_FIRST_OF = """
SELECT said.number FROM unnest(%(numbers)s::smallint[]) WITH ORDINALITY AS said (number, place) CROSS JOIN LATERAL (
    SELECT FROM member_attributes a WHERE (a.birthday, a.programme_id) >= (said.number, %(programme)s::uuid)
        AND (a.birthday, a.programme_id) <= (said.number, %(programme)s::uuid) AND a.birthday IS NOT NULL
    LIMIT 1) a
ORDER BY said.place LIMIT 1
"""
FIRST_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)
_DAY, _LONGEST = timedelta(days=1), timedelta(days=365)


def programmes_with_birthdays(at: datetime) -> list[Programme]:
    """Return the programmes whose rules ask for birthdays on a day that is not done, or are to, each as it is now."""
    MEMORY.invalidate()
    found = [programme_of(row) for row in rows(f"SELECT {COLUMNS} FROM programme WHERE status = 'active' ORDER BY id")]
    return [one for one in found if any(map(_has_birthdays, active_since(one.id, _since(one, at))))]


def reached(programme_id: UUID) -> date | None:
    """Return up to which day a programme's birthdays are done; None where none was."""
    found = rows("SELECT until FROM birthday_run WHERE programme_id = %s", [programme_id])
    return found[0][0] if found else None


def reach(programme_id: UUID, day: date) -> None:
    """Note that all birthdays of a day are done."""
    execute(_REACH, [programme_id, day])


def first_day(programme: Programme, at: datetime) -> date:
    """Return the first day that is not done, of a year at most: today, in a programme in which none was yet."""
    today = local_day(at, programme.timezone)
    until = reached(programme.id)
    return max(until + _DAY, today - _LONGEST) if until else today


def begin_of(day: date, programme: Programme) -> datetime:
    """Return the instant at which a day begins in a programme."""
    return midnight_after(day - _DAY, programme.timezone)


def place_in(programme_id: UUID, day: date, number: int) -> UUID | None:
    """Return after whom a birthday of a day goes on: the first member, where nobody had it, None where all had."""
    found = rows("SELECT number, reached FROM birthday_run WHERE programme_id = %s AND day = %s", [programme_id, day])
    if not found or found[0][0] < number:
        return FIRST_ID
    return found[0][1] if found[0][0] == number else None


def note_place(programme_id: UUID, day: date, number: int, reached: UUID) -> None:
    """Note up to whom a birthday of a day is done, with the piece that ends there; the day before is."""
    execute(_PLACE, [programme_id, day - _DAY, day, number, reached])


def lock_birthdays() -> None:
    """Take the right to give birthdays' points until the transaction ends, once whoever has it is done with theirs."""
    execute("SELECT pg_advisory_xact_lock(hashtext('points.birthdays'))")


def next_members(
    programme: Programme, number: int, *, year: int, after: UUID, limit: int
) -> tuple[list[UUID], UUID | None]:
    """Return the members of a birthday who are next after one, of so many at most: those who had none this year, and
    may have one. And after whom to go on, None after the last."""
    window = {"programme": programme.id, "number": number, "after": after, "last": _LAST_ID, "limit": limit}
    page = [member_id for (member_id,) in rows_in_order(_NEXT, window)]
    unknown = unknown_of(page) if programme.unknown_members == "refuse" else set()
    asked = {"programme": programme.id, "year": year, "members": array(page)}
    found = [member_id for (member_id,) in rows(_FRESH, asked) if member_id not in unknown]
    return found, page[-1] if len(page) == limit else None


def next_birthday(programme_id: UUID, *, after: date) -> date | None:
    """Return the first day after one that is a member's birthday; None where none is known."""
    found = rows(_FIRST_OF, {"programme": programme_id, "numbers": array(numbers_after(after))})
    return next_day_of(found[0][0], after=after) if found else None


def _since(programme: Programme, at: datetime) -> datetime:
    return begin_of(first_day(programme, at), programme)


def _has_birthdays(rules: ActiveRules) -> bool:
    return Trigger.BIRTHDAY in rules.ready.by_trigger
