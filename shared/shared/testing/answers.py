"""What a view answered beside what its Swagger declares for that status: content type, body, every member of it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.http.response import HttpResponseBase
from jsonschema import Draft202012Validator, FormatChecker

from shared import instants
from shared.http import problems
from shared.http.json_schemas import as_json_schema
from shared.http.swagger import schema_json

_FORMATS = FormatChecker(["uuid", "ipv4", "ipv6"])
_FORMATS.checks("date-time", ValueError)(lambda value: not isinstance(value, str) or instants.read_instant(value))
_FORMATS.checks("date", ValueError)(lambda value: not isinstance(value, str) or instants.read_day(value))
_MOST_SAID = 3


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(schema_json())
    return document


def undeclared(method: str, path: str, response: HttpResponseBase) -> list[str]:
    """Return how an answer differs from what is declared for its status; nothing for what Swagger has no operation of.

    `path` is the published one, with its parameters in braces.
    """
    found = _document()["paths"].get(path, {}).get(method.lower())
    if not found:
        return []
    declared = found["responses"].get(str(response.status_code))
    if declared is None:
        return [f"status {response.status_code}"]
    return list(_differences(found["produces"], declared, (path, method.lower(), str(response.status_code)), response))


def _differences(
    produces: list[str], declared: Mapping[str, Any], name: tuple[str, str, str], response: HttpResponseBase
) -> Iterator[str]:
    form = response.headers.get("Content-Type", "").partition(";")[0]
    content = b"" if response.streaming else response.content  # type: ignore[attr-defined]
    if response.status_code == 204:
        yield from (f"204 with {said!r}" for said in (form, content) if said)
    elif form not in produces:
        yield f"content type {form!r}"
    elif (form == problems.CONTENT_TYPE) != (response.status_code >= 400):
        yield f"content type {form!r} with status {response.status_code}"
    elif form.endswith("json"):
        if "schema" not in declared:
            yield "a body of no declared shape"
        else:
            yield from _wrong(_validator(*name), json.loads(content))


def _wrong(validator: Draft202012Validator, body: Any) -> Iterator[str]:
    for error, _ in zip(validator.iter_errors(body), range(_MOST_SAID), strict=False):
        yield f"{error.json_path}: {error.message[:200]}"


@cache
def _validator(path: str, method: str, status: str) -> Draft202012Validator:
    schema = _document()["paths"][path][method]["responses"][status]["schema"]
    whole = {**as_json_schema(schema, is_closed=True), "$defs": _definitions()}
    return Draft202012Validator(whole, format_checker=_FORMATS)


@cache
def _definitions() -> dict[str, Any]:
    return {name: as_json_schema(one, is_closed=True) for name, one in _document()["definitions"].items()}
