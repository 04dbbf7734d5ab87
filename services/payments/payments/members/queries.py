"""Reads of members."""

from uuid import UUID

from shared.db import rows
from shared.errors import MemberDeactivated, MemberUnknown


def check_known(member_id: UUID) -> None:
    """Check that somebody can be paid for by who they are.

    :raises MemberUnknown: nobody registered by this id, or the word of it is still under way.
    :raises MemberDeactivated: the member was shut out.
    """
    found = rows("SELECT deactivated_at FROM known_member WHERE member_id = %s", [member_id])
    if not found:
        raise MemberUnknown(member_id=str(member_id))
    if found[0][0]:
        raise MemberDeactivated(member_id=str(member_id))
