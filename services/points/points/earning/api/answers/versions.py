"""What is answered about versions of rules, and about what they may ask."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.earning import queries
from points.earning.api.fields import Document, EventSchemas, EventTypes, Types
from points.earning.models import RuleSet
from points.earning.rules import (
    Field,
    RulesInvalid,
    Schema,
    Span,
    Type,
    end_of,
    event_schemas,
    fields_of,
    read_rules,
    rule_in_words,
    schema_json,
    span_of,
    state_of,
)
from points.earning.rules.conditions import OPERATORS

STATES = ["draft", "scheduled", "active", "retired"]


class RuleFieldAnswer(serializers.Serializer[Any]):
    """A field that conditions may ask. `where` is what it is of, `values` those of an enum; `is_money`: in minor
    units of the programme's currency."""

    name = serializers.CharField()
    title = serializers.CharField()
    type = serializers.ChoiceField(choices=[str(kind) for kind in Type])
    operators = serializers.ListField(child=serializers.CharField())
    values = serializers.ListField(child=serializers.CharField())
    where = serializers.ChoiceField(choices=["purchase", "line", "member", "event", "time"])
    is_money = serializers.BooleanField()

    class Meta:
        ref_name = "RuleField"


class RuleSchemaAnswer(serializers.Serializer[Any]):
    """The types of a programme's own keys, and its events; `event_schemas` has the JSON Schema of the data of each."""

    purchase_metadata = Types()
    line_metadata = Types()
    attributes = Types()
    event_data = Types()
    events = EventTypes()
    event_schemas = EventSchemas()

    class Meta:
        ref_name = "RuleSchema"


class SentenceAnswer(serializers.Serializer[Any]):
    """A rule in words."""

    id = serializers.CharField()
    name = serializers.CharField()
    sentence = serializers.CharField()

    class Meta:
        ref_name = "RuleInWords"


class ListedRulesAnswer(serializers.Serializer[Any]):
    """A version of rules without its document. It counts from `starts_at` to `ends_at` (for ever, when null)."""

    programme_id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=STATES)
    rounding = serializers.CharField(allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.UUIDField()
    changed_at = serializers.DateTimeField()
    changed_by = serializers.UUIDField()
    activated_by = serializers.UUIDField(allow_null=True)
    retired_by = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "ListedRules"


class RulesAnswer(ListedRulesAnswer):
    """A version of rules, with its document as it was said and each rule in words, in the order in which they are
    looked at; there are no `sentences` of a draft that was put away and asks what the schema lacks by now. `rounding`
    is null of a draft, which has none yet."""

    document = Document()
    sentences = SentenceAnswer(many=True)

    class Meta:
        ref_name = "Rules"


def field_json(field: Field) -> dict[str, Any]:
    """Return a field as it is answered."""
    return {
        "name": field.name,
        "title": field.title,
        "type": str(field.type),
        "operators": list(OPERATORS[field.type]),
        "values": list(field.values),
        "where": field.place,
        "is_money": field.is_money,
    }


def rule_schema_json(schema: Schema) -> dict[str, Any]:
    """Return a schema as it is answered."""
    return schema_json(schema) | {"event_schemas": event_schemas(schema)}


def listed_json(row: RuleSet, *, spans: Sequence[Span], at: datetime) -> dict[str, Any]:
    """Return a version as lists have it."""
    span = span_of(row)
    return {
        "programme_id": row.programme_id,
        "version": row.version,
        "state": state_of(span, spans, at=at),
        "rounding": row.rounding,
        "starts_at": row.starts_at,
        "ends_at": end_of(span, spans),
        "created_at": row.created_at,
        "created_by": row.created_by,
        "changed_at": row.changed_at,
        "changed_by": row.changed_by,
        "activated_by": row.activated_by,
        "retired_by": row.retired_by,
    }


def rules_json(row: RuleSet, *, currency: str, at: datetime) -> dict[str, Any]:
    """Return a version with its document and its rules in words."""
    listed = listed_json(row, spans=queries.spans(row.programme_id), at=at)
    return {**listed, "document": row.document, "sentences": _sentences(row, currency)}


def _sentences(row: RuleSet, currency: str) -> list[dict[str, str]]:
    """Return each rule in words; none of a version that cannot be read: what it says stands in its document."""
    try:
        rules = read_rules(row.document, fields_of(queries.schema_of(row)))
    except RulesInvalid:
        return []
    return [
        {"id": rule.id, "name": rule.name, "sentence": rule_in_words(rule, currency=currency)} for rule in rules.rules
    ]
