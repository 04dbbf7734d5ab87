"""The chain of sealed blocks."""

from django.http import HttpResponse
from rest_framework.request import Request

from points.seals.api.answers import BlockAnswer, block_json
from points.seals.models import Block
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView


class Blocks(ServiceView):
    """The chain of blocks, the newest first; whoever keeps a hash can tell a chain that was made anew."""

    scopes = {"GET": ("points:read", "points:read-any")}

    @operation("list_seal_blocks", "List blocks", query=PageQuery, answers={200: page_of(BlockAnswer)})
    def get(self, request: Request) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        found = Block.objects.defer("leaves", "transaction_ids")
        return page_reply(request, found, block_json, ordering=("-no",))
