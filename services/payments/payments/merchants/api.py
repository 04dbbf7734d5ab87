"""Merchants over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from payments.merchants.models import Merchant
from payments.merchants.operations import create_merchant
from payments.merchants.queries import merchant_by_id, visible_merchants
from payments.pages import page_reply
from shared import clock
from shared.errors import NotFound
from shared.http.fields import Body, PageQuery, Text, parse
from shared.http.pages import page_of
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once


class MerchantBody(Body):
    """What a new merchant is called."""

    name = Text(max_length=100)


class MerchantAnswer(serializers.Serializer[Any]):
    """A merchant."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Merchant"


def merchant_json(merchant: Merchant) -> dict[str, Any]:
    """Return a merchant as it is answered."""
    return {"id": merchant.id, "name": merchant.name, "created_at": merchant.created_at}


class Merchants(ServiceView):
    """The list of merchants, and new ones."""

    scopes = {"GET": ("merchants:read", "merchants:write"), "POST": ("merchants:write",)}

    @operation("list_merchants", "List merchants", answers={200: page_of(MerchantAnswer)}, query=PageQuery)
    def get(self, request: Request) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        found = visible_merchants(caller_of(request))
        return page_reply(CursorPages(), found, list, merchant_json, request)

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
