"""Programmes over HTTP: everybody may read them, operators make and change them."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from points.programmes import operations, queries
from points.programmes.errors import DefaultClosed, ProgrammeNotFound
from points.programmes.rules import LONGEST_WAIT, Programme
from points.programmes.rules.expiry import LONGEST_GRACE, policy_of, policy_of_days, with_days
from shared import clock
from shared.errors import InvalidRequest
from shared.http.fields import (
    LARGEST_POINTS,
    Body,
    Choice,
    Currency,
    Flag,
    PageQuery,
    Points,
    Text,
    WholeNumber,
    parse,
)
from shared.http.pages import page_of
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.times import Timezone
from shared.http.views import ServiceView, reply
from shared.idempotency.replay import Reply, once
from shared.money import LARGEST_AMOUNT

RETURN_POLICIES = ["pending_only", "floor_zero", "arrears"]
UNKNOWN_MEMBERS = ["accept", "refuse"]
READ = ("points:read", "points:read-any", "programmes:write", "vouchers:read", "merchants:read")


class ExpiryPolicy(serializers.JSONField):
    """When points end: `never`, a `rolling` or `sliding` period, or the next of some `dates` of the year."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return policy_of(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error), "invalid") from None

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "example": {"kind": "rolling", "count": 12, "unit": "month", "round_to": "month"},
        }


class NoticeDays(serializers.ListField):
    """How many days before points end members are told, for example [30, 7]; kept with the longest first."""

    child = WholeNumber(min_value=1, max_value=366)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=5, **options)

    def to_internal_value(self, data: Any) -> list[int]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        return sorted(set(super().to_internal_value(data)), reverse=True)


def _agree(body: dict[str, Any]) -> dict[str, Any]:
    """Refuse a number of days beside another policy; what was answered can be sent back as it is."""
    if "lot_days" in body and "expiry" in body and with_days(body["expiry"])[0] != body["lot_days"]:
        raise serializers.ValidationError({"lot_days": [_DISAGREE]})
    return body


_DISAGREE = serializers.ErrorDetail("It says otherwise than `expiry`.", "disagrees")


class NewProgramme(Body):
    """What a programme is made of: 1 point per 1.00 and 100 points worth 1.00 where nothing else is said."""

    name = Text(max_length=100)
    currency = Currency()
    timezone = Timezone()
    earn_points = Points(default=1)
    earn_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, default=100)
    lot_days = WholeNumber(min_value=1, max_value=36_500, allow_null=True, required=False)
    expiry = ExpiryPolicy(required=False)
    grace_days = WholeNumber(min_value=0, max_value=LONGEST_GRACE, default=0)
    notice_days = NoticeDays(default=[])
    value_points = Points(default=100)
    value_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, default=100)
    adjustment_limit = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, default=None)
    pending_days = WholeNumber(min_value=1, max_value=LONGEST_WAIT, allow_null=True, default=None)
    return_policy = Choice(choices=RETURN_POLICIES, default="arrears")
    arrears_cap = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, default=None)
    unknown_members = Choice(choices=UNKNOWN_MEMBERS, default="accept")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two policies."""
        return {"lot_days": None} | _agree(attrs)


class ChangedProgramme(Body):
    """What may change; the currency and what points are counted in may not."""

    name = Text(max_length=100, required=False)
    timezone = Timezone(required=False)
    earn_points = WholeNumber(min_value=1, max_value=LARGEST_POINTS, required=False)
    earn_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, required=False)
    lot_days = WholeNumber(min_value=1, max_value=36_500, allow_null=True, required=False)
    expiry = ExpiryPolicy(required=False)
    grace_days = WholeNumber(min_value=0, max_value=LONGEST_GRACE, required=False)
    notice_days = NoticeDays(required=False)
    value_points = WholeNumber(min_value=1, max_value=LARGEST_POINTS, required=False)
    value_amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, required=False)
    adjustment_limit = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, required=False)
    pending_days = WholeNumber(min_value=1, max_value=LONGEST_WAIT, allow_null=True, required=False)
    return_policy = Choice(choices=RETURN_POLICIES, required=False)
    arrears_cap = WholeNumber(min_value=0, max_value=LARGEST_POINTS, allow_null=True, required=False)
    unknown_members = Choice(choices=UNKNOWN_MEMBERS, required=False)
    status = Choice(choices=["active", "closed"], required=False)
    is_default = Flag(required=False, help_text="`true`: another programme takes it away")

    def validate_is_default(self, is_default: bool) -> bool:
        """Refuse to leave no default."""
        if not is_default:
            raise serializers.ValidationError("Make another programme the default.", "invalid")
        return is_default

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two policies."""
        return _agree(attrs)


class ProgrammeAnswer(serializers.Serializer[Any]):
    """A programme; `lot_days` is null unless `expiry` is only a number of days."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()
    timezone = serializers.CharField()
    earn_points = serializers.IntegerField()
    earn_amount = serializers.IntegerField()
    lot_days = serializers.IntegerField(allow_null=True)
    expiry = ExpiryPolicy()
    grace_days = serializers.IntegerField()
    notice_days = serializers.ListField(child=serializers.IntegerField())
    value_points = serializers.IntegerField()
    value_amount = serializers.IntegerField()
    rounding = serializers.CharField()
    status = serializers.CharField()
    is_default = serializers.BooleanField()
    adjustment_limit = serializers.IntegerField(allow_null=True)
    pending_days = serializers.IntegerField(allow_null=True)
    return_policy = serializers.ChoiceField(choices=RETURN_POLICIES)
    arrears_cap = serializers.IntegerField(allow_null=True)
    unknown_members = serializers.ChoiceField(choices=UNKNOWN_MEMBERS)
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Programme"


_MEMBERS = tuple(Programme.__dataclass_fields__)


def programme_json(programme: Any) -> dict[str, Any]:
    """Return a programme (or its row) as it is answered."""
    policy = programme.expiry or policy_of_days(programme.lot_days)
    return {name: getattr(programme, name) for name in _MEMBERS} | {"expiry": msgspec.to_builtins(policy)}


class Programmes(ServiceView):
    """All programmes."""

    scopes = {"GET": READ, "POST": ("programmes:write",)}

    @operation("list_programmes", "List programmes", query=PageQuery, answers={200: page_of(ProgrammeAnswer)})
    def get(self, request: Request) -> Any:
        parse(PageQuery, request.query_params.dict())
        pages = CursorPages()
        page = pages.paginate_queryset(queries.all_programmes(), request, view=self)
        return pages.get_paginated_response([programme_json(programme) for programme in page or []])

    @operation(
        "create_programme", "Make a programme", body=NewProgramme, answers={201: ProgrammeAnswer}, moves_value=True
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NewProgramme, request.data)

        def run() -> Reply:
            return Reply(201, programme_json(operations.create_programme(**body, at=clock.now())))

        return once(request, run)


class OneProgramme(ServiceView):
    """One programme."""

    scopes = {"GET": READ, "PATCH": ("programmes:write",)}

    @operation("get_programme", "Read a programme", answers={200: ProgrammeAnswer}, refuses=(ProgrammeNotFound,))
    def get(self, _request: Request, programme_id: UUID) -> HttpResponse:
        return reply(programme_json(queries.programme(programme_id)))

    @operation(
        "update_programme",
        "Change a programme",
        body=ChangedProgramme,
        answers={200: ProgrammeAnswer},
        refuses=(DefaultClosed, ProgrammeNotFound),
    )
    def patch(self, request: Request, programme_id: UUID) -> HttpResponse:
        changes = parse(ChangedProgramme, request.data)
        if not changes:
            raise InvalidRequest("Nothing to change is named.")
        changed: Programme = operations.change_programme(programme_id, changes=changes, at=clock.now())
        return reply(programme_json(changed))
