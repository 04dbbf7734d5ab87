"""Asking each operation that has a door, and what it answered."""

from collections.abc import Callable, Iterable
from typing import Any

from rest_framework.test import APIClient

from shared import errors
from shared.callers import Caller
from shared.http.parsers import StrictJSONParser
from shared.http.refusals import doors, reads_body
from shared.ids import new_id
from shared.testing.actors import anonymous
from shared.testing.operations import Target, targets
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from shared.testing.tokens import token_of

Refused = tuple[int, str]
JSON = "application/json"


def with_token(target: Target, *, scopes: Iterable[str] | None = None, key: str | None = "") -> APIClient:
    """Return a client whose token has the scopes that the operation wants, or those given; and a fresh key, or this."""
    client = anonymous()
    granted = target.view.scopes.get(target.method, ()) if scopes is None else scopes
    caller = Caller(OPERATOR.id, frozenset(granted), OPERATOR.roles)
    # A view that takes no token may take the same header for something else.
    token = {"HTTP_AUTHORIZATION": f"Bearer {token_of(caller)}"} if target.view.authentication_classes else {}
    client.credentials(**token, **({} if key is None else {"HTTP_IDEMPOTENCY_KEY": key or str(new_id())}))
    return client


def wrong_at(
    door: type[errors.DomainError], ask: Callable[[Target], Any], is_meant: Callable[[Target], bool] = lambda _: True
) -> dict[str, Refused]:
    """Try a door at each operation that has it and is meant; return what those answered that it did not refuse."""
    having = [one for one in targets() if door in doors(one.view, one.method) and is_meant(one)]
    expected = (int(door.status), door.code)
    with nothing_written():
        found = {one.name: answer_of(ask(one)) for one in having}
    return {name: said for name, said in found.items() if said != expected}


def answer_of(response: Any) -> Refused:
    """Return the status of an answer and its code, or its content type where it is no problem."""
    is_problem = response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"] if is_problem else response["Content-Type"]


def send(client: APIClient, target: Target, body: bytes, content_type: str = "") -> Any:
    """Call an operation with a body as it is."""
    kind = content_type or target.view.parser_classes[0].media_type
    data: Any = body  # its stubs know text only
    return client.generic(target.method, target.path, data, content_type=kind)


def call_wrongly(target: Target, *, token: dict[str, Any], key: dict[str, Any], **request: Any) -> Any:
    """Call an operation with this token and key, if any."""
    client = with_token(target, **token, key=key.get("key")) if token else anonymous()
    return client.generic(target.method, target.path, **request)


def call(client: APIClient, target: Target, **headers: Any) -> Any:
    """Call an operation without a body."""
    return client.generic(target.method, target.path, **headers)


def takes_json(target: Target) -> bool:
    """Tell whether an operation reads a JSON body."""
    return reads_body(target.operation) and StrictJSONParser in target.view.parser_classes


def call_with_token(target: Target, **request: Any) -> Any:
    """Call an operation with a token that has its scopes."""
    return with_token(target).generic(target.method, target.path, **request)
