"""Fields of rules, in bodies and in answers."""

from typing import Any

from rest_framework import serializers

# A document of a hundred rules that ask much, with room for the longest texts.
LARGEST_DOCUMENT = 256 * 1024


class AnObject(serializers.JSONField):
    """An object that is read elsewhere, which names each fault in it by a JSON pointer."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("An object is expected.", "invalid")
        return data


class Document(AnObject):
    """A set of rules, as docs/points/rules.md says."""

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "description": "`language` (1), `stacking` (`all`, `best`, `first`) and 1 to 100 `rules`",
            "example": {
                "language": 1,
                "stacking": "all",
                "rules": [
                    {
                        "id": "base",
                        "name": "1 point per 1.00",
                        "trigger": "purchase",
                        "effect": {"kind": "per_amount", "points": 1, "amount": 100},
                    }
                ],
            },
        }


class Types(AnObject):
    """The keys of one part, each with its type."""

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "description": "up to 50 keys, each with `type` and, of an enum, its `values`",
            "example": {"gift": {"type": "boolean"}, "size": {"type": "enum", "values": ["s", "m", "l"]}},
        }


class EventTypes(AnObject):
    """The events that can be told, by their names."""

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "description": "up to 50 events: of `event_data`, the keys of its `data` and those that are `required`",
            "example": {"review": {"data": ["stars", "text"], "required": ["stars"]}},
        }


class EventSchemas(AnObject):
    """The JSON Schema of the data of each event, by its name."""

    class Meta:
        swagger_schema_fields = {"type": "object", "description": "JSON Schema (2020-12) by the name of the event"}


class EventData(AnObject):
    """What is told of an event, by its JSON Schema."""

    class Meta:
        swagger_schema_fields = {"type": "object", "description": "as `event_schemas` of the programme's schema says"}


class Attributes(AnObject):
    """Values of a member, by the keys of the programme's schema."""

    class Meta:
        swagger_schema_fields = {"type": "object", "description": "values by the programme's schema"}


class Explanation(serializers.JSONField):
    """A condition with the answer of each of its nodes: Swagger 2.0 knows no tree."""

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "description": "`kind` and `is_met`; of a leaf `field`, `op`, `asked`, and `found` or `is_missing`; of"
            " others their `parts`",
        }
