"""Every value that a service's operations take, as its Swagger publishes them, and what becomes of wrong ones."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from shared.http.parsers import StrictJSONParser
from shared.testing.actors import anonymous
from shared.testing.operations import Target, targets

# These are tried as all texts are, beside the tests of their own.
_FORMS_OF_TEXTS = frozenset({"email", "time-zone"})
Schema = Mapping[str, Any]
Step = str | int
Ask = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Input:
    """One value: of which operation, where it stands in the body or query, and what Swagger says of it."""

    target: Target
    steps: tuple[Step, ...]
    schema: Schema
    in_query: bool

    @property
    def name(self) -> str:
        """Return what the value is called in a failed test, and where a service names it as an exception."""
        return f"{self.target.method} {self.target.published_path} {'.'.join(map(str, self.steps))}"

    @property
    def kind(self) -> str:
        """Return the format of the value, or else its type; `enum` for one of a few texts."""
        form = self.schema.get("format")
        if "enum" in self.schema:
            return "enum"
        return str(form if form and form not in _FORMS_OF_TEXTS else self.schema.get("type"))

    def can_say(self, text: str) -> bool:
        """Tell whether such a text can come at all: a query is UTF-8, which has no halves of characters."""
        return not self.in_query or text.encode(errors="ignore").decode() == text


def inputs() -> list[Input]:
    """Return every value of every JSON body and query; what is deeper than Swagger says has its own tests."""
    document = anonymous().get(f"/api/v1/{settings.SERVICE}/swagger.json").json()
    published = {
        (method.upper(), path): found
        for path, methods in document["paths"].items()
        for method, found in methods.items()
        if method != "parameters"
    }
    known = [(one, published.get((one.method, one.published_path))) for one in targets()]
    return [value for one, found in known if found for value in _of_operation(one, found, document["definitions"])]


def tried(
    chosen: Sequence[Input], values_of: Callable[[Input], Sequence[Any]], ask: Ask
) -> Iterator[tuple[Input, Any, list[str]]]:
    """Try each value at each of some inputs; yield both with the codes by which the value is refused.

    One request tries a value of each input of an operation, because all that is wrong with one is answered at once.
    `ask` sends it, for a target, with the arguments of `APIClient.generic`.
    """
    for (target, in_query), group in groupby(chosen, lambda one: (one.target, one.in_query)):
        values = {one: values_of(one) for one in group}
        for turn in range(max(map(len, values.values()))):
            said = {one: given[turn] for one, given in values.items() if turn < len(given)}
            codes = _codes(ask(target, **_request(target, said, in_query=in_query)))
            yield from ((one, value, codes.get(tuple(map(str, one.steps)), [])) for one, value in said.items())


def _request(target: Target, said: Mapping[Input, Any], *, in_query: bool) -> dict[str, Any]:
    kind = target.view.parser_classes[0].media_type
    if in_query:
        query = urlencode({str(one.steps[0]): value for one, value in said.items()})
        return {"QUERY_STRING": query, "content_type": kind, "data": "" if target.method == "GET" else "{}"}
    body: dict[Step, Any] = {}
    for one, value in said.items():
        inner = body
        for step in one.steps[:-1]:
            inner = inner.setdefault(step, {})
        inner[one.steps[-1]] = value
    return {"data": json.dumps(_with_lists(body)), "content_type": kind}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return [_with_lists(value[0])] if 0 in value else {name: _with_lists(one) for name, one in value.items()}


def _codes(answer: Any) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for one in answer.json().get("errors", []) if answer.status_code == 400 else []:
        found.setdefault(tuple(re.findall(r"[^.\[\]]+", one["field"])), []).append(one["code"])
    return found


def _of_operation(target: Target, published: Schema, definitions: Schema) -> Iterator[Input]:
    for parameter in published["parameters"]:
        if parameter["in"] == "query":
            yield Input(target, (parameter["name"],), parameter, in_query=True)
        if parameter["in"] == "body" and StrictJSONParser in target.view.parser_classes:
            for steps, schema in _leaves(parameter["schema"], definitions):
                yield Input(target, steps, schema, in_query=False)


def _leaves(schema: Schema, definitions: Schema) -> Iterator[tuple[tuple[Step, ...], Schema]]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    inner: dict[Step, Schema] = dict(schema.get("properties", {}))
    if schema.get("additionalProperties"):
        inner["any"] = schema["additionalProperties"]
    if schema.get("type") == "array":
        inner = {0: schema["items"]}
    for step, one in inner.items():
        yield from (((step, *steps), leaf) for steps, leaf in _leaves(one, definitions))
    if schema.get("type") not in ("object", "array"):
        yield (), schema
