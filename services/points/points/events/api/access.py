"""Which events a caller may tell and see."""

from typing import Any
from uuid import UUID

from points.events.errors import EventNotFound
from points.events.rows import events
from points.events.rules.events import Event
from points.ledger.merges import aliases, earlier_members
from shared.callers import Caller

# As purchases: a merchant tells of its own shop and gives no points otherwise, which takes `points:earn`.
TELL = ("purchases:write", "points:earn", "points:adjust")
READ = (*TELL, "points:read", "points:read-any")
READ_ALL = ("points:adjust", "points:read-any")


def seen(event_id: UUID, caller: Caller) -> Event:
    """Return an event that a caller may see: who told it, or who knows its member.

    :raises EventNotFound: there is none, or it is another's.
    """
    found = events.read([event_id]).get(event_id)
    if found is None or not (knows_member(found, caller) or _told_it(found, caller)):
        raise EventNotFound()
    return found


def knows_member(found: Event, caller: Caller) -> bool:
    """Tell whether an event is a caller's own, or whether that one may see anybody's."""
    if caller.may("points:read-any") or caller.may("points:adjust"):
        return True
    return caller.may("points:read") and caller.id in {found.member_id, *aliases([found.member_id]).values()}


def _told_it(found: Event, caller: Caller) -> bool:
    told_it = found.event_id is not None and found.merchant_id == caller.merchant_id
    return told_it and (caller.may("purchases:write") or caller.may("points:earn"))


def filters_of(member_id: UUID | None, caller: Caller) -> dict[str, Any]:
    """Return which events a caller may see of those that a query names."""
    if caller.may("points:read-any") or caller.may("points:adjust"):
        return _of_member(member_id) if member_id else {}
    if caller.may("purchases:write") or caller.may("points:earn"):
        own = {"merchant_id": caller.merchant_id, "event_id__isnull": False}
        return own | (_of_member(member_id) if member_id else {})
    return _of_member(caller.member_or_self(member_id, any_scope="points:read-any"))


def _of_member(member_id: UUID) -> dict[str, Any]:
    """Return the filter for a member's events, and for those of members who were merged into this one."""
    return {"members": [member_id, *earlier_members(member_id)]}
