"""Fields of programmes, in bodies and in answers."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.programmes.rules import MOST_MERCHANTS
from points.programmes.rules.expiry import ACTIVITIES, policy_of
from shared.http.fields import Identifier, WholeNumber

RETURN_POLICIES = ["pending_only", "floor_zero", "arrears"]
UNKNOWN_MEMBERS = ["accept", "refuse"]
ROUNDINGS = ["floor", "half_up", "ceil"]


class ExpiryPolicy(serializers.JSONField):
    """When points end: `never`, a `rolling` or `sliding` period, or the next of some `dates` of the year."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return policy_of(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error), "invalid") from None

    class Meta:
        # Which kind has which members is in its description: Swagger 2.0 has no alternatives.
        swagger_schema_fields = {
            "type": "object",
            "description": "`never`; `rolling` or `sliding` with `count` and `unit`; or `dates`, each as MM-DD",
            "required": ["kind"],
            "additional_properties": False,
            "properties": {
                "kind": {"type": "string", "enum": ["never", "rolling", "sliding", "dates"]},
                "count": {"type": "integer", "minimum": 1, "maximum": 36_500},
                "unit": {"type": "string", "enum": ["day", "month", "year"]},
                "round_to": {"type": "string", "enum": ["day", "month", "quarter", "half_year", "year"]},
                "activities": {
                    "type": "array",
                    "items": {"type": "string", "enum": list(ACTIVITIES)},
                    "minItems": 1,
                    "uniqueItems": True,
                },
                "dates": {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$"},
                    "minItems": 1,
                    "maxItems": 20,
                    "uniqueItems": True,
                },
                "min_months": {"type": "integer", "minimum": 0, "maximum": 120},
            },
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


class Merchants(serializers.ListField):
    """The ids of up to 1,000 merchants, kept each once; null for every merchant."""

    child = Identifier()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_MERCHANTS, allow_null=True, **options)

    def to_internal_value(self, data: Any) -> list[UUID]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        return sorted(set(super().to_internal_value(data)))
