"""A service's answers as JSON Schema, which says what Swagger 2.0 cannot: null, and values of several types."""

from collections.abc import Mapping
from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LISTS, _MAPS, _SCHEMAS = ("allOf",), ("properties",), ("items", "additionalProperties")


def as_json_schema(schema: Mapping[str, Any], *, is_closed: bool = False) -> dict[str, Any]:
    """Return a schema of Swagger 2.0 as one of JSON Schema 2020-12, its references into `$defs`.

    `x-nullable` becomes a second type, and `x-types` the types of a value that Swagger leaves open. Closed, an object
    that names its members has no others: clients must be ready for more, tests must not.
    """
    found = {name: _inner(name, value, is_closed) for name, value in schema.items() if not name.startswith("x-")}
    if "x-types" in schema:
        found["type"] = schema["x-types"]
    if is_closed and "properties" in found:
        found.setdefault("additionalProperties", False)
    return {"anyOf": [found, {"type": "null"}]} if schema.get("x-nullable") else found


def _inner(name: str, value: Any, is_closed: bool) -> Any:
    if name == "$ref":
        return value.replace("#/definitions/", "#/$defs/")
    if name in _LISTS:
        return [as_json_schema(one, is_closed=is_closed) for one in value]
    if name in _MAPS:
        return {key: as_json_schema(one, is_closed=is_closed) for key, one in value.items()}
    return as_json_schema(value, is_closed=is_closed) if name in _SCHEMAS and isinstance(value, Mapping) else value


def json_schemas(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definitions of a Swagger document, and what else is answered as `<operationId>.<status>`."""
    answers = {
        f"{found['operationId']}.{status}": answer["schema"]
        for methods in document["paths"].values()
        for found in methods.values()
        if "operationId" in found
        for status, answer in found["responses"].items()
        if int(status) < 300 and answer.get("schema", {}).get("type") not in (None, "file")
    }
    schemas = {**document["definitions"], **answers}
    return {"$schema": DIALECT, "$defs": {name: as_json_schema(one) for name, one in sorted(schemas.items())}}
