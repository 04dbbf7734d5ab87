"""Merchants over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from payments.merchants.api.answers import MerchantAnswer, merchant_json
from payments.merchants.api.bodies import MerchantBody
from payments.merchants.operations import create_merchant
from payments.merchants.queries import merchant_by_id, visible_merchants
from shared import clock
from shared.errors import NotFound
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once


class Merchants(ServiceView):
    """The list of merchants, and new ones."""

    scopes = {"GET": ("merchants:read", "merchants:write"), "POST": ("merchants:write",)}

    @operation("list_merchants", "List merchants", answers={200: page_of(MerchantAnswer)}, query=PageQuery)
    def get(self, request: Request) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        return page_reply(request, visible_merchants(caller_of(request)), merchant_json)

    @operation(
        "create_merchant", "Create a merchant", body=MerchantBody, answers={201: MerchantAnswer}, moves_value=True
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(MerchantBody, request.data)
        return once(request, lambda: Reply(201, merchant_json(create_merchant(name=body["name"], at=clock.now()))))


class OneMerchant(ServiceView):
    """One merchant."""

    scopes = {"GET": ("merchants:read", "merchants:write")}

    @operation("get_merchant", "Read a merchant", answers={200: MerchantAnswer}, refuses=(NotFound,))
    def get(self, request: Request, merchant_id: UUID) -> HttpResponse:
        return reply(merchant_json(merchant_by_id(caller_of(request), merchant_id)))
