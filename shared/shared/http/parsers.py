"""Reading a JSON body that may be hostile."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from shared.errors import MalformedRequest, RequestTooLarge
from shared.texts import is_text

MAX_DEPTH = 16


class StrictJSONParser(BaseParser):
    """Read one JSON value and refuse what a lenient reader lets pass.

    Refused: more bytes than the view's `max_body_bytes`, invalid UTF-8, NaN and Infinity, a repeated
    key, one that is no text (`shared.texts`), and nesting deeper than 16.

    :raises MalformedRequest: any of these but the first.
    :raises RequestTooLarge: the first.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        view = (parser_context or {}).get("view")
        limit = getattr(view, "max_body_bytes", settings.MAX_BODY_BYTES)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestTooLarge(limit=limit)
        return parse_json(body)


def parse_json(body: bytes) -> Any:
    """Read JSON strictly, as `StrictJSONParser` says.

    :raises MalformedRequest: it is not strict JSON.
    """
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise MalformedRequest("nested too deep") from None
    except ValueError as error:
        raise MalformedRequest(_why(error)) from None
    _check_depth(value, MAX_DEPTH)
    return value


class _NotStrict(ValueError):
    """It is JSON that only a lenient reader takes."""


def _why(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON from character {error.pos + 1} on"
    # What else the reader refuses are integers of thousands of digits.
    return str(error) if isinstance(error, _NotStrict) else "it has a number of too many digits"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotStrict("an object has the same key twice")
    if not all(map(is_text, found)):
        raise _NotStrict("an object has a key with a control or unassigned character")
    return found


def _no_constant(name: str) -> Any:
    raise _NotStrict(f"{name} is not JSON")


def _check_depth(value: Any, left: int) -> None:
    if not isinstance(value, dict | list):
        return
    if left == 0:
        raise MalformedRequest("nested too deep")
    for inner in value.values() if isinstance(value, dict) else value:
        _check_depth(inner, left - 1)
