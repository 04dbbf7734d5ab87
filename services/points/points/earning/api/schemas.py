"""What rules may ask, over HTTP: the fields, and the types of a programme's own keys."""

from uuid import UUID

from django.http import HttpResponse
from msgspec import structs
from rest_framework.request import Request

from points.earning import operations, queries
from points.earning.api.access import READ, WRITE
from points.earning.api.answers.versions import RuleFieldAnswer, RuleSchemaAnswer, field_json, rule_schema_json
from points.earning.api.bodies import FieldsQuery, RuleSchemaBody
from points.earning.errors import RulesRefused, SchemaInUse
from points.earning.rules import RulesInvalid, Schema, fields_of, read_schema
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.http.fields import parse
from shared.http.pages import page_of, whole
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply


class RuleFields(ServiceView):
    """The fields that conditions may ask."""

    scopes = {"GET": READ}

    @operation(
        "list_rule_fields",
        "List the fields that rules may ask, and with `programme` its own keys too",
        query=FieldsQuery,
        answers={200: page_of(RuleFieldAnswer)},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(FieldsQuery, request.query_params.dict())
        schema = queries.schema(programme(query["programme"]).id) if "programme" in query else Schema()
        return reply(whole([field_json(field) for field in fields_of(schema).values()]))


class RuleSchema(ServiceView):
    """The types of a programme's own keys."""

    scopes = {"GET": READ, "PUT": WRITE}

    @operation(
        "get_rule_schema",
        "Read the types of a programme's own keys",
        answers={200: RuleSchemaAnswer},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, _request: Request, programme_id: UUID) -> HttpResponse:
        return reply(rule_schema_json(queries.schema(programme(programme_id).id)))

    @operation(
        "replace_rule_schema",
        "Name the types of a programme's own keys",
        body=RuleSchemaBody,
        answers={200: RuleSchemaAnswer},
        refuses=(ProgrammeNotFound, RulesRefused, SchemaInUse),
    )
    def put(self, request: Request, programme_id: UUID) -> HttpResponse:
        schema = _schema(parse(RuleSchemaBody, request.data))
        operations.change_schema(programme_id, schema, actor_id=caller_of(request).id, at=clock.now())
        return reply(rule_schema_json(schema))


def _schema(body: dict[str, object]) -> Schema:
    try:
        return read_schema(body)
    except RulesInvalid as invalid:
        raise RulesRefused(errors=[structs.asdict(fault) for fault in invalid.faults]) from None
