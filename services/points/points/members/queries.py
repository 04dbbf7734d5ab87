"""Reads of members."""

from collections.abc import Collection
from uuid import UUID

from shared.db import array, rows
from shared.errors import MemberDeactivated, MemberUnknown

# Each is looked up by itself, whatever the table's size.
_UNKNOWN = """
SELECT asked.member_id FROM unnest(%s::uuid[]) AS asked (member_id)
WHERE NOT EXISTS (SELECT FROM known_member k WHERE k.member_id = asked.member_id)
"""
_STAFF = """
SELECT asked.member_id, asked.merchant_id
FROM unnest(%s::uuid[], %s::uuid[]) AS asked (member_id, merchant_id) CROSS JOIN LATERAL (
    SELECT s.merchant_id FROM merchant_staff s WHERE s.member_id = asked.member_id OFFSET 0) s
WHERE s.merchant_id = asked.merchant_id
"""


def unknown_of(member_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these members who never registered, in one statement for any number of them."""
    return {row[0] for row in rows(_UNKNOWN, [array(list(member_ids))])} if member_ids else set()


def check_registered(member_id: UUID) -> None:
    """Check that a member registered.

    :raises MemberUnknown: nobody did by this id, or the word of it is still under way.
    """
    if unknown_of([member_id]):
        raise MemberUnknown(member_id=str(member_id))


def staff_among(pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of these members and merchants of which the member works for the merchant, in one statement."""
    if not pairs:
        return set()
    members, merchants = zip(*pairs, strict=True)
    return set(rows(_STAFF, [array(members), array(merchants)]))


def check_known(member_id: UUID) -> None:
    """Check that somebody can be given something by who they are.

    :raises MemberUnknown: nobody registered by this id, or the word of it is still under way.
    :raises MemberDeactivated: the member was shut out.
    """
    if not check_not_deactivated(member_id):
        raise MemberUnknown(member_id=str(member_id))


def check_not_deactivated(member_id: UUID) -> bool:
    """Check that a member was not shut out, and tell whether they ever registered: many never do.

    :raises MemberDeactivated: the member was shut out.
    """
    found = rows("SELECT deactivated_at FROM known_member WHERE member_id = %s", [member_id])
    if found and found[0][0]:
        raise MemberDeactivated(member_id=str(member_id))
    return bool(found)
