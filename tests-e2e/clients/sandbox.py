"""The test clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from eventually import eventually

from clients.api import Api, ok

CLOCK = "/api/v1/sandbox/clock"


@dataclass(frozen=True)
class Sandbox:
    """What an operator does with a sandbox."""

    api: Api

    def clock(self) -> dict[str, Any]:
        """Return the clock and its last move."""
        found: dict[str, Any] = ok(self.api.get(CLOCK))
        return found

    def now(self) -> datetime:
        """Return the installation's time."""
        return datetime.fromisoformat(self.clock()["now"])

    def move(self, **where: str) -> dict[str, Any]:
        """Move the time of all services, and return the move once it is done."""
        answer = self.api.post(CLOCK, where)
        if answer.status_code == 202:
            return self.moved()
        done: dict[str, Any] = ok(answer)
        return done

    def moved(self) -> dict[str, Any]:
        """Return the last move once it is done; who tells may be away for a moment."""
        answer = eventually(lambda: self.api.get(CLOCK), _is_done, seconds=240)
        return dict(answer.json()["move"])

    def move_to(self, instant: datetime) -> dict[str, Any]:
        """Move the time of all services to an instant."""
        return self.move(to=instant.isoformat())


def _is_done(answer: requests.Response) -> bool:
    return answer.status_code == 200 and answer.json()["move"]["state"] == "done"
