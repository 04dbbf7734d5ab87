"""What programmes know of members, over HTTP."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.earning import queries as earning
from points.ledger.errors import MemberMerged
from points.programmes.errors import MerchantNotListed, ProgrammeNotFound
from points.segments import operations
from points.segments.api.access import READ, WRITE, attributes_asked_for
from points.segments.api.answers import AttributesAnswer, attributes_json, version_json
from points.segments.api.bodies import NewAttributes, ProgrammeQuery, VersionsQuery
from points.segments.errors import AttributesRefused
from points.segments.queries.attributes import attribute_versions, attributes_of_members
from shared import clock
from shared.errors import MemberUnknown, NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply

_NEWEST = ("-version",)
_ACCESS = (MerchantNotListed, NotFound, ProgrammeNotFound)


class MemberAttributes(ServiceView):
    """What a programme knows of a member."""

    scopes = {"GET": READ, "PUT": WRITE}

    @operation(
        "get_member_attributes",
        "Read what a programme knows of a member",
        query=ProgrammeQuery,
        answers={200: AttributesAnswer},
        refuses=_ACCESS,
    )
    def get(self, request: Request, member_id: UUID) -> HttpResponse:
        query = parse(ProgrammeQuery, request.query_params.dict())
        programme_id = attributes_asked_for(request, member_id, query.get("programme")).id
        found = attributes_of_members(programme_id, [member_id]).get(member_id)
        return reply(attributes_json(found, member_id=member_id, programme_id=programme_id))

    @operation(
        "replace_member_attributes",
        "Say all that a programme knows of a member; the same again changes nothing",
        body=NewAttributes,
        answers={200: AttributesAnswer},
        refuses=(AttributesRefused, MemberMerged, MemberUnknown, MerchantNotListed, ProgrammeNotFound),
    )
    def put(self, request: Request, member_id: UUID) -> HttpResponse:
        body, who = parse(NewAttributes, request.data), caller_of(request).id
        found = attributes_asked_for(request, member_id, body.get("programme"))
        known = operations.replace_attributes(found, member_id, body["attributes"], actor_id=who, at=clock.now())
        return reply(attributes_json(known, member_id=member_id, programme_id=found.id))


class AttributeVersions(ServiceView):
    """All that a programme ever knew of a member."""

    scopes = {"GET": READ}

    @operation(
        "list_member_attribute_versions",
        "List what a programme knew of a member, and who said so, the newest first",
        query=VersionsQuery,
        answers={200: page_of(AttributesAnswer)},
        refuses=_ACCESS,
    )
    def get(self, request: Request, member_id: UUID) -> HttpResponse:
        query = parse(VersionsQuery, request.query_params.dict())
        programme_id = attributes_asked_for(request, member_id, query.get("programme")).id
        show = partial(version_json, schema=earning.schema(programme_id))
        return page_reply(request, attribute_versions(programme_id, member_id), show, ordering=_NEWEST)
