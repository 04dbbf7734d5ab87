"""One caller's line to the gateway, and how an answer is judged."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests
from eventually import eventually

from clients.patience import patient_session

SECONDS = 30
PROBLEM = "application/problem+json"
# By these ids the gateway's log tells a journey's requests from all others (`tools/answered.py`).
REQUEST_IDS = os.environ["REQUEST_IDS"]


@dataclass(frozen=True)
class Api:
    """Sends requests with one token (or none); each POST has a fresh idempotency key unless one is given."""

    url: str
    token: str = field(default="", repr=False)
    session: requests.Session = field(default_factory=patient_session, repr=False)

    def get(self, path: str, **query: Any) -> requests.Response:
        """Send a GET; `from_` is sent as `from`, which Python does not take as a name."""
        return self.send("GET", path, params={name.rstrip("_"): value for name, value in query.items()})

    def listed(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Return a whole list, in its order."""
        return [one for page in self.pages(path, **query) for one in page]

    def pages(self, path: str, **query: Any) -> Iterator[list[dict[str, Any]]]:
        """Return a list page by page, each asked for when it is wanted.

        A list of everybody's has what other journeys write just now: what one looks for can be on any page.
        """
        page = ok(self.get(path, **query))
        yield page["results"]
        while page.get("next"):
            page = ok(self.get(page["next"]))
            yield page["results"]

    def post(self, path: str, body: Any = None, *, key: str | None = "") -> requests.Response:
        """Send a POST of a JSON body; `key=None` leaves the idempotency key out."""
        headers = {} if key is None else {"Idempotency-Key": key or str(uuid4())}
        return self.send("POST", path, json={} if body is None else body, headers=headers)

    def post_raw(self, path: str, body: bytes, content_type: str = "application/json") -> requests.Response:
        """Send bytes as they are, with a fresh idempotency key."""
        headers = {"Content-Type": content_type, "Idempotency-Key": str(uuid4())}
        return self.send("POST", path, data=body, headers=headers)

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """Send a request; nothing is followed or judged, nothing repeated but what the rate limit refused."""
        own = {"X-Request-Id": REQUEST_IDS + uuid4().hex}
        if self.token:
            own["Authorization"] = f"Bearer {self.token}"
        address = path if path.startswith("http") else self.url + path
        return self.session.request(
            method, address, headers={**own, **(headers or {})}, timeout=SECONDS, allow_redirects=False, **more
        )


def ok(response: requests.Response, status: int = 200) -> Any:
    """Return the JSON of an answer that has to have this status."""
    assert response.status_code == status, f"{response.request.method} {response.url}: {said(response)}"
    return response.json() if response.content else None


def refused(response: requests.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the problem of an answer that has to be this refusal, in the shape that all refusals have."""
    assert response.status_code == status, said(response)
    assert response.headers["Content-Type"].split(";")[0] == PROBLEM, said(response)
    problem: dict[str, Any] = response.json()
    assert {"type", "title", "status", "code", "request_id"} <= problem.keys(), said(response)
    assert problem["status"] == status, said(response)
    assert problem["request_id"] == response.headers["X-Request-Id"], said(response)
    assert code in (None, problem["code"]), said(response)
    return problem


def once_known(ask: Callable[[], requests.Response]) -> requests.Response:
    """Return the answer to a request that builds on what another service said just now: a 409 with `Retry-After` is
    asked again."""
    return eventually(ask, lambda answer: answer.status_code != 409 or "Retry-After" not in answer.headers)


def said(response: requests.Response) -> str:
    """Tell an answer in one line, for the text of a failed assertion."""
    return f"{response.status_code} {response.text[:600]}"
