"""Noting what auth says of members."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from shared.db import columns, execute

# Each member once and in order: a statement may change a row only once, and two workers must not lock in a ring.
# Neither instant is ever taken back, so the end is the same in whatever order messages come.
_NOTE = """
INSERT INTO known_member (member_id, {instant})
SELECT member_id, max(at) FROM unnest(%s::uuid[], %s::timestamptz[]) AS said (member_id, at)
GROUP BY member_id ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE SET {instant} = excluded.{instant} WHERE known_member.{instant} IS NULL
"""
# The newest of each, whichever comes first.
_STAFF = """
INSERT INTO merchant_staff AS known (member_id, merchant_id, version)
SELECT DISTINCT ON (member_id) member_id, merchant_id, version
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS said (member_id, merchant_id, version)
ORDER BY member_id, version DESC
ON CONFLICT (member_id) DO UPDATE SET merchant_id = excluded.merchant_id, version = excluded.version
    WHERE known.version < excluded.version
"""
_REGISTERED = _NOTE.format(instant="registered_at")
_DEACTIVATED = _NOTE.format(instant="deactivated_at")


def note_registered(said: Iterable[tuple[UUID, datetime]]) -> None:
    """Note that these members registered; again changes nothing."""
    execute(_REGISTERED, columns(said, 2))


def note_deactivated(said: Iterable[tuple[UUID, datetime]]) -> None:
    """Note that these members were shut out, for good; also of one whose registration has not arrived yet."""
    execute(_DEACTIVATED, columns(said, 2))


def note_staff(said: Iterable[tuple[UUID, UUID | None, int]]) -> None:
    """Note whom these members work for, each with the version of the word; an older one changes nothing."""
    execute(_STAFF, columns(said, 3))
