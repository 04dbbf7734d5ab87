"""Requests that make one member of two."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import merges, operations
from points.ledger.api.answers.merges import MergeAnswer, MergePage, merge_json
from points.ledger.api.bodies.postings import NewMerge
from points.ledger.api.bodies.reads import MergesQuery
from points.ledger.errors import BalanceTooLarge, HoldsOpen, MemberMerged, MergeNotFound, MergeWithOneself
from points.ledger.merges import Merge, Moved
from points.ledger.models import MemberMerge
from shared import clock
from shared.errors import MemberDeactivated
from shared.http.fields import parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_ADJUST = ("points:adjust",)
_NEWEST = ("-merged_at", "-id")


class Merges(ServiceView):
    """Members merged into others."""

    scopes = {"GET": _ADJUST, "POST": _ADJUST}

    @operation("list_merges", "List merges", query=MergesQuery, answers={200: MergePage})
    def get(self, request: Request) -> HttpResponse:
        found = merges.listed(parse(MergesQuery, request.query_params.dict()).get("member_id"))
        return page_reply(request, found, lambda one: merge_json(*one), load=_with_moved, ordering=_NEWEST)

    @operation(
        "merge_members",
        "Merge a member into another",
        body=NewMerge,
        answers={201: MergeAnswer},
        moves_value=True,
        refuses=(BalanceTooLarge, HoldsOpen, MemberDeactivated, MemberMerged, MergeWithOneself),
    )
    def post(self, request: Request) -> HttpResponse:
        body, actor_id = parse(NewMerge, request.data), caller_of(request).id

        def run() -> Reply:
            merge = operations.merge_members(actor_id=actor_id, at=clock.now(), **body)
            return Reply(201, merge_json(merge, merges.moved(merge.id)[merge.id]))

        return once(request, run)


def _with_moved(page: list[MemberMerge]) -> list[tuple[Merge, list[Moved]]]:
    moved = merges.moved(*(row.id for row in page))
    return [(merges.of_row(row), moved[row.id]) for row in page]


class OneMerge(ServiceView):
    """One merge."""

    scopes = {"GET": _ADJUST}

    @operation("get_merge", "Read a merge", answers={200: MergeAnswer}, refuses=(MergeNotFound,))
    def get(self, _request: Request, merge_id: UUID) -> HttpResponse:
        if (merge := merges.read(merge_id)) is None:
            raise MergeNotFound()
        return reply(merge_json(merge, merges.moved(merge_id)[merge_id]))
