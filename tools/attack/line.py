"""An attacker's line to the gateway: what is asked is sent once, from a chosen loopback address, and never judged."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests
from requests.adapters import HTTPAdapter

API = "/api/v1"
SECONDS = 40.0
HOME = "127.0.0.1"
# Nothing came back: the connection was refused, cut, or silent for too long.
NO_ANSWER = 0


@dataclass(frozen=True)
class Answer:
    """What came back; `status` is 0 where nothing did."""

    status: int
    text: str
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object of the answer; an empty one where it is none."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        """The problem's code; empty where the answer is no problem."""
        return str(self.body.get("code", ""))

    @property
    def is_ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


class _From(HTTPAdapter):
    """Connects from one address; as many connections as threads ask at once."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(pool_maxsize=64)

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **more)


class Line:
    """Requests of one caller; threads may share it."""

    def __init__(self, url: str, token: str = "", *, address: str = HOME) -> None:
        self.url, self.token, self.address = url, token, address
        self._session = requests.Session()
        self._session.mount("http://", _From(address))

    def get(self, path: str, **query: Any) -> Answer:
        """Read once."""
        return self.ask("GET", path, params=query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        """Post once, with a fresh idempotency key unless one is given."""
        return self.ask("POST", path, json={} if body is None else body, headers={"Idempotency-Key": key or _key()})

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        """Send one request; a path that begins with a slash is taken as it is."""
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        address = self.url + (path if path.startswith("/") else f"{API}/{path}")
        begun = time.monotonic()
        try:
            found = self._session.request(
                method, address, headers={**bearer, **(headers or {})}, timeout=SECONDS, allow_redirects=False, **more
            )
        except requests.RequestException as error:
            return Answer(NO_ANSWER, repr(error), time.monotonic() - begun)
        return Answer(found.status_code, found.text, time.monotonic() - begun, dict(found.headers))


def _key() -> str:
    return str(uuid4())
