"""Writes of attributes: the whole of them at once, and each change is a version for ever."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from points.earning import queries as earning
from points.earning.rules import RulesInvalid
from points.ledger.errors import MemberMerged
from points.ledger.merges import aliases
from points.members.queries import unknown_of
from points.programmes.rules import Programme
from points.segments.errors import AttributesRefused
from points.segments.queries.attributes import COLUMNS, Attributes, attributes_of, attributes_of_members
from points.segments.rules import Stored, birthday_of, read_attributes
from shared.db import execute, rows, unit_of_work
from shared.errors import MemberUnknown

# The same again is no version.
_REPLACE = f"""
INSERT INTO member_attributes AS known (programme_id, birthday, {COLUMNS})
VALUES (%(programme)s, %(birthday)s, %(member)s, 1, %(attributes)s::jsonb, %(at)s, %(actor)s)
ON CONFLICT (programme_id, member_id) DO UPDATE SET version = known.version + 1, attributes = excluded.attributes,
    birthday = excluded.birthday, changed_at = excluded.changed_at, changed_by = excluded.changed_by
WHERE known.attributes <> excluded.attributes
RETURNING {COLUMNS}
"""
_KEEP = f"""
INSERT INTO member_attributes_version (programme_id, {COLUMNS})
SELECT programme_id, {COLUMNS} FROM member_attributes WHERE programme_id = %(programme)s AND member_id = %(member)s
"""


def replace_attributes(
    programme: Programme, member_id: UUID, said: Mapping[str, Any], *, actor_id: UUID, at: datetime
) -> Attributes:
    """Let a programme know this of a member, and nothing else; the same again changes nothing.

    :raises AttributesRefused: a key is not of the programme's schema, or a value not of its type.
    :raises MemberUnknown: the programme refuses members who never registered.
    :raises MemberMerged: the member is another one now.
    """
    stored = _read(said, programme.id)
    _check_member(programme, member_id)
    written = {
        "programme": programme.id,
        "member": member_id,
        "attributes": msgspec.json.encode(stored).decode(),
        "birthday": birthday_of(stored),
        "at": at,
        "actor": actor_id,
    }
    with unit_of_work():
        if not (changed := rows(_REPLACE, written)):
            return attributes_of_members(programme.id, [member_id])[member_id]
        execute(_KEEP, written)
        return attributes_of(changed[0])


def _read(said: Mapping[str, Any], programme_id: UUID) -> Stored:
    try:
        return read_attributes(said, earning.schema(programme_id), pointer="/attributes")
    except RulesInvalid as invalid:
        raise AttributesRefused(errors=[structs.asdict(fault) for fault in invalid.faults]) from None


def _check_member(programme: Programme, member_id: UUID) -> None:
    if now := aliases([member_id]).get(member_id):
        raise MemberMerged(member_id=str(member_id), merged_into=str(now))
    if programme.unknown_members == "refuse" and unknown_of([member_id]):
        raise MemberUnknown(member_id=str(member_id))
