"""Swagger of a service: drf-yasg, with the error answers and the security that every operation shares."""

from typing import Any

from django.conf import settings
from drf_yasg import openapi
from drf_yasg.inspectors import SwaggerAutoSchema
from drf_yasg.utils import swagger_auto_schema
from drf_yasg.views import get_schema_view
from rest_framework.permissions import AllowAny

PROBLEM = openapi.Schema(
    "Problem",
    type=openapi.TYPE_OBJECT,
    description="RFC 9457 problem details",
    required=["type", "title", "status", "code", "request_id"],
    properties={
        "type": openapi.Schema(type=openapi.TYPE_STRING),
        "title": openapi.Schema(type=openapi.TYPE_STRING),
        "status": openapi.Schema(type=openapi.TYPE_INTEGER),
        "code": openapi.Schema(type=openapi.TYPE_STRING, description="stable, for programs"),
        "detail": openapi.Schema(type=openapi.TYPE_STRING),
        "request_id": openapi.Schema(type=openapi.TYPE_STRING),
    },
)
IDEMPOTENCY_KEY = openapi.Parameter(
    "Idempotency-Key",
    openapi.IN_HEADER,
    type=openapi.TYPE_STRING,
    required=True,
    description="1–255 printable ASCII characters; the same key and body give the same answer again",
)
_TEXTS = {
    400: "malformed request",
    401: "no valid token",
    403: "the token lacks a scope",
    404: "absent, or somebody else's",
    405: "method not allowed",
    409: "refused in the present state",
    413: "body too large",
    415: "not application/json",
    422: "the idempotency key belongs to another request",
    429: "too many requests",
    503: "a dependency is away",
}


class ServiceSchema(SwaggerAutoSchema):
    """Adds to each operation the refusals it can always give, and says when no token is needed."""

    def get_default_responses(self) -> dict[str, Any]:
        return dict(super().get_default_responses())

    def get_responses(self) -> openapi.Responses:
        responses: openapi.Responses = super().get_responses()
        for status, text in _TEXTS.items():
            if str(status) not in responses:
                responses[str(status)] = openapi.Response(text, schema=PROBLEM)
        return responses

    def get_security(self) -> Any:
        return [] if getattr(self.view, "public", False) else [{"Bearer": []}]


def operation(
    summary: str,
    *,
    body: Any = None,
    answers: dict[int, Any] | None = None,
    query: Any = None,
    moves_value: bool = False,
    **options: Any,
) -> Any:
    """Describe one operation for Swagger: its summary, body, answers, query serializer and, for one
    that moves value, its `Idempotency-Key` header."""
    return swagger_auto_schema(
        operation_summary=summary,
        request_body=body,
        query_serializer=query,
        responses=answers or {},
        manual_parameters=[IDEMPOTENCY_KEY] if moves_value else [],
        **options,
    )


def schema_view() -> Any:
    """Return drf-yasg's view class of this service's schema; public, because it holds no data."""
    return get_schema_view(
        openapi.Info(title=f"{settings.SERVICE} API", default_version="v1"),
        public=True,
        authentication_classes=[],
        permission_classes=[AllowAny],
    )
