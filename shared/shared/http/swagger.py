"""Swagger of a service: drf-yasg, with what each operation refuses and whether it needs a token."""

from collections.abc import Collection, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_yasg import openapi
from drf_yasg.codecs import OpenAPICodecJson
from drf_yasg.generators import OpenAPISchemaGenerator
from drf_yasg.inspectors import FieldInspector, SwaggerAutoSchema
from drf_yasg.renderers import SwaggerUIRenderer
from drf_yasg.utils import swagger_auto_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ListSerializer, Serializer

from shared.errors import DomainError
from shared.http import problems
from shared.http.fields import LARGEST_EXACT, MetadataValue, Text
from shared.http.refusals import refusals_by_status
from shared.http.times import DayOrInstant
from shared.http.views import Operation, ServiceView

PROBLEM = openapi.Schema(
    "Problem",
    type=openapi.TYPE_OBJECT,
    description="RFC 9457 problem details",
    additional_properties=True,
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
    pattern=r"^[\x21-\x7e][\x20-\x7e]{0,254}$",
    description="1–255 printable ASCII characters; the same key and body give the same answer again",
)


# What else texts may not hold, characters that are none yet and halves of pairs, no pattern of Swagger's can say.
_TEXT, _ANY_TEXT = r"^[^\x00-\x1f\x7f-\x9f]*$", r"^[^\x00]*$"


def _metadata_value() -> openapi.SwaggerDict:
    """Return the schema of a value of several types: no type takes all, and each word is about one of them."""
    bounds = {"maxLength": 200, "pattern": _TEXT, "minimum": -LARGEST_EXACT, "maximum": LARGEST_EXACT}
    found = openapi.SwaggerDict(description="a short text, a whole number, or true or false", **bounds)
    found["x-types"] = ["string", "integer", "boolean"]
    return found


class AsAnswered(FieldInspector):
    """Publishes what Swagger 2.0 or drf-yasg would get wrong of answers.

    A text may be empty: only bodies, whose texts are `Text`, check that there is one. An object may be null, which
    cannot stand beside a reference, where what is there is not read. And a day or an instant is of no format it knows.
    """

    def process_result(self, result: Any, method_name: str, obj: Any, **_: Any) -> Any:
        if isinstance(obj, MetadataValue):
            return _metadata_value()
        if type(obj) is CharField and isinstance(result, openapi.SwaggerDict):
            result.pop("minLength", None)
        if isinstance(obj, Text) and isinstance(result, openapi.SwaggerDict):
            if obj.form:
                result["format"] = obj.form
            else:
                result.setdefault("pattern", obj.pattern or (_ANY_TEXT if obj.any_character else _TEXT))
        if isinstance(obj, ListSerializer) and isinstance(result, openapi.SwaggerDict):
            bounds = {"minItems": getattr(obj, "min_length", None), "maxItems": getattr(obj, "max_length", None)}
            result.update({name: bound for name, bound in bounds.items() if bound})
        if isinstance(obj, DayOrInstant) and isinstance(result, openapi.SwaggerDict):
            result["format"] = "day-or-instant"
        if isinstance(obj, Serializer) and obj.allow_null and isinstance(result, openapi.SchemaRef):
            nullable = openapi.SwaggerDict(x_nullable=True)
            nullable.all_of = [result]
            return nullable
        return result


class ServiceSchema(SwaggerAutoSchema):
    """Adds to each operation what it refuses, by status, and says when no token is needed."""

    field_inspectors = [AsAnswered, *SwaggerAutoSchema.field_inspectors]

    def get_default_responses(self) -> dict[str, Any]:
        return dict(super().get_default_responses())

    def get_responses(self) -> openapi.Responses:
        responses: openapi.Responses = super().get_responses()
        for status, titles in refusals_by_status(self.view, self.method, self.path).items():
            text = "; ".join(sorted(set(titles.values())))
            answer = responses.setdefault(str(status), openapi.Response(text, schema=PROBLEM))
            answer["x-problem-codes"] = sorted(titles)
        return responses

    def get_produces(self) -> list[str]:
        """Return the forms of its answers, and that of its refusals: Swagger 2.0 cannot say which status has which."""
        answers = super().get_produces() if self.overrides["responses"].keys() != {HTTPStatus.NO_CONTENT} else ()
        return [*answers, problems.CONTENT_TYPE]

    def get_operation_id(self, operation_keys: Any = None) -> str:
        """Return the name given by hand; what every service has is named by the service, to be unique among all."""
        name: str = super().get_operation_id(operation_keys)
        return f"{name}_of_{settings.SERVICE}" if type(self.view).__module__.startswith("shared.") else name

    def get_security(self) -> Any:
        return [] if getattr(self.view, "public", False) else [{"Bearer": []}]


def operation(
    name: str,
    summary: str,
    *,
    body: Any = None,
    answers: dict[int, Any] | None = None,
    query: type[Serializer[Any]] | None = None,
    moves_value: bool = False,
    refuses: Collection[type[DomainError]] = (),
    **options: Any,
) -> Any:
    """Describe one operation: its name (the `operationId`, which clients make functions of: a verb and what it is done
    to, unique in its service), summary, body, answers, query serializer, whether it moves value (and so takes an
    `Idempotency-Key`), and what it refuses.

    `refuses` names what the operation itself raises, whatever it calls included; what is refused before it is reached
    (`shared.http.refusals`) is known from the view and its path. A test that is refused with another code fails.
    """
    described = swagger_auto_schema(
        operation_id=name,
        operation_summary=summary,
        request_body=body,
        query_serializer=query,
        responses=answers or {},
        manual_parameters=[IDEMPOTENCY_KEY] if moves_value else [],
        **options,
    )
    takes_cursor = query is not None and "cursor" in query().fields
    said = Operation(body is not None, query is not None, takes_cursor, moves_value, frozenset(refuses))

    def mark(handler: Any) -> Any:
        handler.operation = said
        return described(handler)

    return mark


class WholePaths(OpenAPISchemaGenerator):
    """Publishes paths as they are asked for: no base path that a client has to put in front."""

    def determine_path_prefix(self, _paths: list[str]) -> str:
        """Return no prefix; drf-yasg takes what all paths have in common."""
        return ""


@cache
def schema_json() -> bytes:
    """Return this service's schema: Swagger 2.0 in JSON, built once in each process, and the same for all.

    It names no host and no base path: it holds wherever it was found.
    """
    document = WholePaths(_info(), url="").get_schema(public=True)
    del document["basePath"]
    close_bodies(document)
    encoded: bytes = OpenAPICodecJson([]).encode(document)
    return encoded


def close_bodies(document: Mapping[str, Any]) -> None:
    """Say of each object in a request's body that it has no other members than those declared: others are refused."""
    waiting = [
        parameter["schema"]
        for methods in document["paths"].values()
        for found in methods.values()
        if isinstance(found, Mapping)
        for parameter in found["parameters"]
        if parameter["in"] == "body"
    ]
    seen: set[str] = set()
    while waiting:
        schema = waiting.pop()
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            waiting.append(document["definitions"][name])
        if "properties" in schema:
            schema["additionalProperties"] = False
        waiting += [*schema.get("properties", {}).values(), *schema.get("allOf", ())]
        waiting += [schema[inner] for inner in ("items",) if inner in schema]


class Schema(ServiceView):
    """The schema, public, because it holds no data; there is one form of it, whatever is asked for."""

    public = True
    reads_database = False
    swagger_schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Take any `Accept` and any `format`."""
        return super().perform_content_negotiation(request, force=True)

    def get(self, _request: Request) -> HttpResponse:
        kept = {"Cache-Control": "public, max-age=60"}
        return HttpResponse(schema_json(), content_type="application/json", headers=kept)


class PageRenderer(SwaggerUIRenderer):
    """Writes Swagger UI's page, which fetches the schema where it is."""

    def get_swagger_ui_settings(self) -> dict[str, Any]:
        """Return what the page's script is told."""
        return {**super().get_swagger_ui_settings(), "url": f"/api/v1/{settings.SERVICE}/swagger.json"}


class Page(ServiceView):
    """The schema as a page, by drf-yasg's copy of Swagger UI."""

    public = True
    reads_database = False
    swagger_schema = None
    renderer_classes = [PageRenderer]

    def get(self, _request: Request) -> Response:
        return Response(openapi.Swagger(_info(), _prefix=""))


def _info() -> openapi.Info:
    return openapi.Info(title=f"{settings.SERVICE} API", default_version="v1")
