"""Which events a caller may tell and see."""

from typing import Any
from uuid import UUID

from points.events.rules.events import Event
from points.ledger.merges import aliases, earlier_members
from shared.callers import Caller

# As purchases: a merchant tells of its own shop and gives no points otherwise, which takes `points:earn`.
TELL = ("purchases:write", "points:earn", "points:adjust")
READ = (*TELL, "points:read", "points:read-any")


def may_see(found: Event, caller: Caller) -> bool:
    """Tell whether a caller may see an event: its member, who told it, or who may see anybody's."""
    if caller.may("points:read-any") or caller.may("points:adjust"):
        return True
    if caller.may("points:read") and caller.id in {found.member_id, *aliases([found.member_id]).values()}:
        return True
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
