"""One caller's line to the gateway."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests

PATIENCE_SECONDS = 60.0


class NotAsPromised(Exception):
    """A step had another outcome than the one that was promised."""


@dataclass(frozen=True)
class Answer:
    """What came back: the JSON, and what a person may want to know of it."""

    value: Any
    status: int
    request_id: str
    milliseconds: int


@dataclass(frozen=True)
class Caller:
    """Somebody at the gateway; each POST has a fresh idempotency key."""

    url: str
    name: str
    token: str = field(default="", repr=False)
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def get(self, path: str, *, expect: int | tuple[int, ...] = 200, **query: Any) -> Answer:
        """Send a GET; `expect` is as in `post`.

        :raises NotAsPromised: the answer has another status.
        """
        return self._send("GET", path, expect, params=query)

    def post(self, path: str, body: Any = None, *, expect: int | tuple[int, ...] = 201, **more: Any) -> Answer:
        """Send a POST of JSON; `expect` is the status it must have, or several of which it must have one.

        :raises NotAsPromised: the answer has another status.
        """
        content = {} if more else {"json": {} if body is None else body}
        return self._send("POST", path, expect, headers={"Idempotency-Key": str(uuid4())}, **content, **more)

    def put(self, path: str, body: Any) -> Answer:
        """Send a PUT of JSON.

        :raises NotAsPromised: the answer has another status than 200.
        """
        return self._send("PUT", path, 200, json=body)

    def patch(self, path: str, body: Any) -> Answer:
        """Send a PATCH of JSON.

        :raises NotAsPromised: the answer has another status than 200.
        """
        return self._send("PATCH", path, 200, json=body)

    def _send(self, method: str, path: str, expect: int | tuple[int, ...], **more: Any) -> Answer:
        if self.token:
            more["headers"] = {**more.get("headers", {}), "Authorization": f"Bearer {self.token}"}
        begun = time.monotonic()
        answer = self.session.request(method, self.url + path, timeout=60, **more)
        # What another service said just now is still on its way here.
        while answer.status_code == 409 and "Retry-After" in answer.headers and time.monotonic() - begun < 30:
            time.sleep(0.1)
            answer = self.session.request(method, self.url + path, timeout=60, **more)
        took = round((time.monotonic() - begun) * 1000)
        if answer.status_code not in (expect if isinstance(expect, tuple) else (expect,)):
            raise NotAsPromised(f"{method} {path} answered {answer.status_code}, not {expect}: {answer.text[:500]}")
        value = answer.json() if answer.content else None
        return Answer(value, answer.status_code, answer.headers.get("X-Request-Id", ""), took)


def wait_for(
    ask: Callable[[], Any], wanted: Any, what: str, *, seconds: float = PATIENCE_SECONDS, pause: float = 0.05
) -> float:
    """Ask until the answer is the wanted one; return how many seconds that took.

    :raises NotAsPromised: it was not in time.
    """
    begun = time.monotonic()
    while (found := ask()) != wanted:
        if time.monotonic() - begun > seconds:
            raise NotAsPromised(f"{what}: {wanted!r} was promised, after {seconds:.0f} s it is {found!r}")
        time.sleep(pause)
    return time.monotonic() - begun


def sign_in(url: str, name: str, email: str, password: str) -> tuple[Caller, Answer]:
    """Sign in; return the caller and what was answered."""
    answer = Caller(url, name).post("/api/v1/auth/token", {"email": email, "password": password}, expect=200)
    return Caller(url, name, answer.value["access"]), answer
