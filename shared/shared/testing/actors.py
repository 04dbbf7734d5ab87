"""A role with a client in its hand."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from rest_framework.test import APIClient, ForceAuthClientHandler

from shared.callers import Caller
from shared.ids import new_id
from shared.testing.tokens import token_of


@dataclass(frozen=True)
class Actor:
    """Sends requests as one of the roles; each POST has a fresh idempotency key unless one is given."""

    caller: Caller

    @property
    def id(self) -> UUID:
        """Return the role's user id."""
        return self.caller.id

    def get(self, path: str, **query: Any) -> Any:
        """Send a GET with these query parameters."""
        return self._client().get(path, query)

    def post(self, path: str, body: Any = None, *, key: str | None = "", **headers: Any) -> Any:
        """Send a POST; `key=None` leaves the idempotency key out."""
        if key is not None:
            headers["HTTP_IDEMPOTENCY_KEY"] = key or str(new_id())
        return self._client().post(path, {} if body is None else body, format="json", **headers)

    def patch(self, path: str, body: Any) -> Any:
        """Send a PATCH."""
        return self._client().patch(path, body, format="json")

    def put(self, path: str, body: Any) -> Any:
        """Send a PUT."""
        return self._client().put(path, body, format="json")

    def delete(self, path: str) -> Any:
        """Send a DELETE."""
        return self._client().delete(path)

    def post_raw(self, path: str, body: bytes, content_type: str = "application/json") -> Any:
        """Send bytes as they are, to see how a body that is no proper JSON is refused."""
        data: Any = body  # its stubs know text only
        return self._client().generic("POST", path, data, content_type=content_type, HTTP_IDEMPOTENCY_KEY=str(new_id()))

    def _client(self) -> APIClient:
        # A name that every service answers to, also in a process that pytest has not prepared.
        client = client_of(SERVER_NAME="localhost")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(self.caller)}")
        return client


def path_of(link: str) -> str:
    """Return a link's path and query, to follow it with an actor."""
    return urlunsplit(urlsplit(link)._replace(scheme="", netloc=""))


def anonymous() -> APIClient:
    """Return a client without a token."""
    return client_of()


def client_of(**defaults: Any) -> APIClient:
    """Return a client, with these fields in each request's environment, before the middleware of all clients."""
    client = APIClient(raise_request_exception=False, **defaults)
    client.handler = _handler()
    return client


@cache
def _handler() -> ForceAuthClientHandler:
    # A client's own would load the middleware with its first request, and look through all static files for that: half
    # of what a test of the API took. Settings that a middleware reads when it is made cannot be changed by a test.
    handler = ForceAuthClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler
