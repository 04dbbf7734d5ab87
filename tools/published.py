"""docs/published.txt: each name that clients, consumers and operators build on, one a line, so that a diff shows each
change. A line is a kind, a name (its members behind dots), and what is said of it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools.stack.layout import ROOT

FILE = ROOT / "docs/published.txt"
METHODS = ("get", "post", "put", "patch", "delete")
Schema = Mapping[str, Any]
_NONE: Schema = {}


def page(lines: Iterable[str]) -> str:
    """The file: the lines, sorted, each once."""
    return "\n".join([*sorted(set(lines)), ""])


def of_service(service: str, described: Mapping[str, Any]) -> Iterator[str]:
    """The operations, schemas, commands and metrics of a service."""
    for path, methods in described["paths"].items():
        for method in METHODS & methods.keys():
            parameters = [*methods.get("parameters", ()), *methods[method]["parameters"]]
            yield from _operation(service, f"{method.upper()} {path}", {**methods[method], "parameters": parameters})
    for name, schema in described["schemas"]["$defs"].items():
        yield from (f"schema {line}" for line in _fields(name, schema, _NONE, f" {service}"))
    yield from (f"command {name} {service}" for name in described["commands"])
    yield from (f"metric {' '.join(words)}" for words in described["metrics"])


def of_message(name: str, version: int, schema: Schema) -> Iterator[str]:
    """A message and its fields, also those of the parts it is made of."""
    yield from (f"message {line}" for line in _fields(f"{name}.v{version}", schema, schema["$defs"]))


def _operation(service: str, where: str, found: Schema) -> Iterator[str]:
    name = found["operationId"]
    yield f"operation {name} {service} {where}"
    for one in found["parameters"]:
        yield from (f"operation {line}" for line in _parameter(name, service, one))
    for status, answer in found["responses"].items():
        codes = answer.get("x-problem-codes") or [_type(answer.get("schema", _NONE))]
        yield from (f"operation {name} {service} {status} {said}".rstrip() for said in codes)


def _parameter(name: str, service: str, one: Schema) -> Iterator[str]:
    if one["in"] == "body":
        yield f"{name} {service} body {_type(one['schema'])}"
        return
    member = f"{name}.{one['name']} {service} {one['in']}"
    yield f"{member} {_type(one)}{_mark(one.get('required'))}"
    yield from (f"{member} = {json.dumps(value)}" for value in one.get("enum", ()))


def _fields(name: str, schema: Schema, known: Schema, said: str = "", *, needed: bool = True) -> Iterator[str]:
    """A schema by its name, the values it may have, and its members; of what it refers to only what is `known`."""
    schema = _meant(schema, known)
    yield f"{name}{said} {_type(schema)}{_mark(needed)}"
    for part in _parts(schema, known):
        yield from (f"{name}{said} = {json.dumps(value)}" for value in part.get("enum", ()))
        for member, inner in part.get("properties", _NONE).items():
            yield from _fields(f"{name}.{member}", inner, known, said, needed=member in part.get("required", ()))


def _meant(schema: Schema, known: Schema) -> Schema:
    meant: Schema = known.get(_referred(schema), schema)
    return meant


def _parts(schema: Schema, known: Schema) -> Iterator[Schema]:
    yield schema
    inner = [
        *schema.get("anyOf", ()),
        *schema.get("allOf", ()),
        schema.get("items"),
        schema.get("additionalProperties"),
    ]
    for part in inner:
        if isinstance(part, Mapping):
            yield from _parts(_meant(part, known), known)


def _type(schema: Schema) -> str:
    if name := _referred(schema):
        return name
    if either := schema.get("anyOf") or schema.get("allOf"):
        return " or ".join(map(_type, either))
    if "items" in schema:
        return f"[{_type(schema['items'])}]"
    if isinstance(more := schema.get("additionalProperties"), Mapping):
        return f"{{{_type(more)}}}"
    kind = schema.get("type", "enum" if "enum" in schema else "")
    return " ".join([*([kind] if isinstance(kind, str) else sorted(kind)), *filter(None, [schema.get("format")])])


def _referred(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _mark(needed: bool | None) -> str:
    return "" if needed else " optional"
