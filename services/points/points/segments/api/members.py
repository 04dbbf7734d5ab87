"""Who is in a segment, over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.segments import operations
from points.segments.api.access import OPERATORS, SEE
from points.segments.api.answers import ChangedMembersAnswer, CountAnswer, SegmentMemberAnswer
from points.segments.api.bodies import MemberChanges
from points.segments.errors import SegmentKindFixed, SegmentNotFound
from points.segments.queries.segments import count_members, members_of, segment
from shared import clock
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_BY_MEMBER = ("member_id",)
_NOT_FOUND = (ProgrammeNotFound, SegmentNotFound)


class SegmentMembers(ServiceView):
    """The members of a segment."""

    scopes = {"GET": SEE, "POST": OPERATORS}

    @operation(
        "list_segment_members",
        "List the members of a segment, by their ids",
        query=PageQuery,
        answers={200: page_of(SegmentMemberAnswer)},
        refuses=_NOT_FOUND,
    )
    def get(self, request: Request, programme_id: UUID, segment_code: str) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        found = members_of(segment(programme(programme_id).id, segment_code))
        return page_reply(request, found, _member, ordering=_BY_MEMBER)

    @operation(
        "change_segment_members",
        "Put up to 1,000 members on a segment's list, or take them from it",
        body=MemberChanges,
        answers={200: ChangedMembersAnswer},
        moves_value=True,
        refuses=(*_NOT_FOUND, SegmentKindFixed),
    )
    def post(self, request: Request, programme_id: UUID, segment_code: str) -> HttpResponse:
        body, who = parse(MemberChanges, request.data), caller_of(request).id

        def run() -> Reply:
            of = programme(programme_id).id
            changed = operations.change_members(of, segment_code, **body, actor_id=who, at=clock.now())
            return Reply(200, changed._asdict())

        return once(request, run)


class SegmentCounts(ServiceView):
    """How many members a segment has."""

    scopes = {"GET": SEE}

    @operation(
        "count_segment_members",
        "Count the members of a segment",
        answers={200: CountAnswer},
        refuses=_NOT_FOUND,
    )
    def get(self, _request: Request, programme_id: UUID, segment_code: str) -> HttpResponse:
        found = segment(programme(programme_id).id, segment_code)
        return reply({"members": count_members(found), "counted_at": clock.now()})


def _member(row: Any) -> dict[str, Any]:
    return {"member_id": row.member_id}
