"""The rows that count what a person moved by hand on a day, one for each programme: each is found by its key."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from points.programmes.rules import Programme
from shared.db import array, execute, rows
from shared.zones import local_day

PersonDay = tuple[UUID, UUID, date]
_TAKE = """
INSERT INTO person_day_total AS known (person_id, programme_id, day, points) VALUES (%s, %s, %s, %s)
ON CONFLICT (person_id, programme_id, day) DO UPDATE SET points = known.points + excluded.points
    WHERE known.points + excluded.points <= %s
RETURNING points
"""
_LOCK = """
INSERT INTO person_day_total AS known (person_id, programme_id, day, points)
SELECT *, 0 FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) ORDER BY 1, 2, 3
ON CONFLICT (person_id, programme_id, day) DO UPDATE SET points = known.points
RETURNING person_id, programme_id, day, points
"""
_ADD = """
UPDATE person_day_total known SET points = known.points + said.points
FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::bigint[]) AS said (person_id, programme_id, day, points)
WHERE (known.person_id, known.programme_id, known.day) = (said.person_id, said.programme_id, said.day)
"""


def day_of(person_id: UUID, programme: Programme, *, at: datetime) -> PersonDay:
    """Return the day of a person in a programme, by its zone."""
    return person_id, programme.id, local_day(at, programme.timezone)


def take(key: PersonDay, points: int, *, limit: int) -> bool:
    """Count points to a person's day, where that stays within the limit; False, and nothing is counted, where not.

    Whoever counts to the same day waits until this transaction ends.
    """
    return points <= limit and bool(rows(_TAKE, [*key, points, limit]))


def lock(keys: Collection[PersonDay]) -> dict[PersonDay, int]:
    """Lock days of persons until the transaction ends; return how many points count to each."""
    columns = [array(list(column)) for column in zip(*keys, strict=True)]
    return {(row[0], row[1], row[2]): row[3] for row in rows(_LOCK, columns)} if keys else {}


def add(points: Mapping[PersonDay, int]) -> None:
    """Count points to days that are locked, one at least."""
    columns = [array(list(column)) for column in zip(*points, strict=True)]
    execute(_ADD, [*columns, array(list(points.values()))])
