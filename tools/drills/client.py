"""A client as it should be: it repeats a request with the same key until it knows what became of it."""

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import requests

from tools.drills.waits import DrillFailed

API = "/api/v1"
IN_PROGRESS = "idempotency.in_progress"
REQUEST_SECONDS = 40.0
GIVES_UP_SECONDS = 300.0
PAUSE_SECONDS = 0.25


@dataclass
class Client:
    """Somebody who signs in when that is needed, and again when the token has run out."""

    url: str
    email: str = ""
    password: str = field(default="", repr=False)
    repeats: int = 0
    _token: str = field(default="", repr=False)
    _session: requests.Session = field(default_factory=requests.Session, repr=False)

    def get(self, path: str, **query: Any) -> Any:
        """Read, again and again until there is an answer."""
        return self._insist("GET", path, params=query)

    def post(self, path: str, body: Any) -> Any:
        """Ask for an effect until it is known to have happened; every try has the same key.

        :raises DrillFailed: it was refused, or there was no answer in five minutes.
        """
        return self._insist("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Read a list to its end."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, Any] = {}
        while True:
            page = self.get(path, page_size=200, **query, **cursor)
            found += page["results"]
            if not page["next"]:
                return found
            cursor = {"cursor": parse_qs(urlsplit(page["next"]).query)["cursor"]}

    def _insist(self, method: str, path: str, **more: Any) -> Any:
        deadline = time.monotonic() + GIVES_UP_SECONDS
        for tries in count(1):
            answer, why = self._try(method, path, **more)
            if answer is not None:
                return answer.json()
            if time.monotonic() > deadline:
                raise DrillFailed(f"{method} {path}: no answer after {tries} tries; the last: {why}")
            self.repeats += 1
            time.sleep(PAUSE_SECONDS)
        raise AssertionError

    def _try(self, method: str, path: str, **more: Any) -> tuple[requests.Response | None, str]:
        """Return the answer, or why it is to be asked for again."""
        try:
            answer = self._send(method, path, **more)
        except requests.RequestException as error:
            return None, repr(error)
        if answer.ok:
            return answer, ""
        if not self._is_to_be_repeated(answer):
            raise DrillFailed(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return None, f"{answer.status_code} {answer.text[:200]}"

    def _is_to_be_repeated(self, answer: requests.Response) -> bool:
        if answer.status_code == 401 and self._token:
            self._token = ""
            return True
        busy = answer.status_code == 409 and answer.json()["code"] == IN_PROGRESS
        return busy or answer.status_code == 429 or answer.status_code >= 500

    def _send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        if self.email and not self._token:
            self.sign_in()
        bearer = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        address = f"{self.url}{API}/{path}"
        headers = {**bearer, **(headers or {})}
        return self._session.request(method, address, headers=headers, timeout=REQUEST_SECONDS, **more)

    def sign_in(self) -> str:
        """Open a session and return its access token; what follows is asked with it."""
        words = {"email": self.email, "password": self.password}
        token: str = Client(self.url).post("auth/token", words)["access"]
        self._token = token
        return token
