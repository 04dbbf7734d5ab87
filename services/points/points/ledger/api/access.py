"""Whose points a request may read: one's own, or anybody's with the scope for it."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request

from points.programmes.queries import programme
from shared.http.views import caller_of

# Ids sort by time.
NEWEST_OF_ALL = ("-id",)
READ = {"GET": ("points:read", "points:read-any")}


def account_of(request: Request, query: dict[str, Any]) -> dict[str, UUID]:
    """Return whose account in which programme a request is about."""
    member_id = caller_of(request).member_or_self(query.get("member_id"), any_scope="points:read-any")
    return {"member_id": member_id, "programme_id": programme(query.get("programme")).id}


def is_of_all(request: Request, query: dict[str, Any]) -> bool:
    """Tell whether a list is of everybody: an operator, or whoever may read all points, names no member."""
    return "member_id" not in query and caller_of(request).may("points:read-any")


def programme_named(query: dict[str, Any]) -> UUID | None:
    """Return the programme to which a list of everybody is narrowed; None for all programmes.

    :raises ProgrammeNotFound: there is no such programme.
    """
    return programme(query["programme"]).id if "programme" in query else None
