"""Segments of a programme over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.earning.rules import SEGMENTS
from points.ledger.merges import aliases
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.segments import operations
from points.segments.api.access import OPERATORS, SEE
from points.segments.api.answers import (
    MembersSegmentAnswer,
    SegmentAnswer,
    members_segment_json,
    segment_json,
)
from points.segments.api.bodies import NewSegment, ProgrammeQuery, SegmentBody
from points.segments.errors import (
    SegmentExists,
    SegmentInUse,
    SegmentKindFixed,
    SegmentNotFound,
    SegmentRefused,
    TooManySegments,
)
from points.segments.queries.segments import check_code, known_of, segment, segments
from shared import clock
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply, whole
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, no_content, reply
from shared.idempotency.replay import Reply, once

_BY_CODE = ("code",)
_NOT_FOUND = (ProgrammeNotFound, SegmentNotFound)


class Segments(ServiceView):
    """All segments of a programme."""

    scopes = {"GET": SEE, "POST": OPERATORS}

    @operation(
        "list_segments",
        "List the segments of a programme, by their codes",
        query=PageQuery,
        answers={200: page_of(SegmentAnswer)},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request, programme_id: UUID) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        return page_reply(request, segments(programme(programme_id).id), segment_json, ordering=_BY_CODE)

    @operation(
        "create_segment",
        "Make a segment: of a condition, or of a list without anybody on it yet",
        body=NewSegment,
        answers={201: SegmentAnswer},
        moves_value=True,
        refuses=(ProgrammeNotFound, SegmentExists, SegmentRefused, TooManySegments),
    )
    def post(self, request: Request, programme_id: UUID) -> HttpResponse:
        body, who = {"condition": None} | parse(NewSegment, request.data), caller_of(request).id

        def run() -> Reply:
            return Reply(
                201, segment_json(operations.create_segment(programme_id, **body, actor_id=who, at=clock.now()))
            )

        return once(request, run)


class OneSegment(ServiceView):
    """A segment of a programme."""

    scopes = {"GET": SEE, "PUT": OPERATORS, "DELETE": OPERATORS}

    @operation("get_segment", "Read a segment", answers={200: SegmentAnswer}, refuses=_NOT_FOUND)
    def get(self, _request: Request, programme_id: UUID, segment_code: str) -> HttpResponse:
        return reply(segment_json(segment(programme(programme_id).id, segment_code)))

    @operation(
        "replace_segment",
        "Give a segment another name or condition",
        body=SegmentBody,
        answers={200: SegmentAnswer},
        refuses=(*_NOT_FOUND, SegmentKindFixed, SegmentRefused),
    )
    def put(self, request: Request, programme_id: UUID, segment_code: str) -> HttpResponse:
        body, who = {"condition": None} | parse(SegmentBody, request.data), caller_of(request).id
        check_code(segment_code)
        changed = operations.change_segment(programme_id, segment_code, **body, actor_id=who, at=clock.now())
        return reply(segment_json(changed))

    @operation(
        "delete_segment",
        "Delete a segment that no rule asks for",
        answers={204: "deleted"},
        refuses=(*_NOT_FOUND, SegmentInUse),
    )
    def delete(self, request: Request, programme_id: UUID, segment_code: str) -> HttpResponse:
        check_code(segment_code)
        operations.delete_segment(programme_id, segment_code, actor_id=caller_of(request).id, at=clock.now())
        return no_content()


class MembersSegments(ServiceView):
    """The segments that a member is in, or who they are since a merge."""

    scopes = {"GET": SEE}

    @operation(
        "list_segments_of_member",
        "List the segments that a member is in",
        query=ProgrammeQuery,
        answers={200: page_of(MembersSegmentAnswer)},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request, member_id: UUID) -> HttpResponse:
        found = programme(parse(ProgrammeQuery, request.query_params.dict()).get("programme"))
        now = aliases([member_id]).get(member_id, member_id)
        known = known_of(found.id, [now], {SEGMENTS})[now]
        return reply(whole([members_segment_json(one) for one in known.segments]))
