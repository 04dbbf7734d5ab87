"""Reading a token request as RFC 6749 writes it: a form, and the client's id and secret in one of two places."""

import base64
import binascii
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from rest_framework.parsers import BaseParser

from identity.clients.errors import InvalidClient, InvalidTokenRequest
from shared.errors import RequestTooLarge
from shared.texts import is_text

LARGEST_FORM = 8 * 1024


class StrictFormParser(BaseParser):
    """Read a form of a few short parameters, each at most once (RFC 6749 §3.2).

    :raises InvalidTokenRequest: not a form in UTF-8, a repeated parameter, or a text that is none.
    :raises RequestTooLarge: more than 8 KiB.
    """

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        body = stream.read(LARGEST_FORM + 1)
        if len(body) > LARGEST_FORM:
            raise RequestTooLarge(limit=LARGEST_FORM)
        return parse_form(body)


def parse_form(body: bytes) -> dict[str, str]:
    """Read the parameters of a form.

    :raises InvalidTokenRequest: as `StrictFormParser` says.
    """
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise InvalidTokenRequest(error="invalid_request") from None
    form = dict(pairs)
    if len(form) != len(pairs) or not all(is_text(text) for pair in pairs for text in pair):
        raise InvalidTokenRequest(error="invalid_request")
    return form


def credentials(authorization: str, form: Mapping[str, str]) -> tuple[UUID, str]:
    """Return the client's id and secret, from the Basic header or the form (RFC 6749 §2.3.1).

    :raises InvalidTokenRequest: both are used, or neither.
    :raises InvalidClient: the header is no Basic header, or the id no id.
    """
    in_form = "client_id" in form and "client_secret" in form
    if bool(authorization) == in_form:
        raise InvalidTokenRequest(
            "The client names itself either by HTTP Basic or in the form.", error="invalid_request"
        )
    name, secret = _basic(authorization) if authorization else (form["client_id"], form["client_secret"])
    try:
        return UUID(name), secret
    except ValueError:
        raise InvalidClient(error="invalid_client") from None


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise InvalidClient(error="invalid_client") from None
    if scheme.lower() != "basic" or not colon:
        raise InvalidClient(error="invalid_client")
    return unquote_plus(name), unquote_plus(secret)
