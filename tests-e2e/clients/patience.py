"""A session that comes back when the gateway says that its address asks too often, as a well-kept client does."""

from typing import Any

import requests
from eventually import wait_as_told
from requests.adapters import HTTPAdapter

TOO_OFTEN = b'"gateway.rate_limited"'
# The gateway lets a rush through and says a second; a refusal that stays is the journey's to judge.
TIMES = 10


class Patient(HTTPAdapter):
    """Sends again what the gateway's rate limit refused, after the `Retry-After` it said; nothing else."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **more: Any) -> requests.Response:
        response = super().send(request, *arguments, **more)
        for _ in range(TIMES):
            if response.status_code != 429 or TOO_OFTEN not in response.content:
                break
            wait_as_told(response.headers["Retry-After"])
            response = super().send(request, *arguments, **more)
        return response


def patient_session() -> requests.Session:
    """Return a session that keeps the rate limit of the gateway, whatever the speed of the machine."""
    session = requests.Session()
    session.mount("http://", Patient())
    session.mount("https://", Patient())
    return session
