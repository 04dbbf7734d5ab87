"""Sends the requests of both sizes in turns and keeps their times."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

from people import PASSWORD

from bench.scale.filling import Data
from bench.scale.gets import MEMBER, Get
from bench.scale.stand import SIZES, Stand

PEOPLE = 5
TOKEN_SECONDS = 240
_TOKEN = "/api/v1/auth/token"  # noqa: S105 - an address


class Refused(RuntimeError):
    """An answer was no success."""


@dataclass
class Lines:
    """Who asks, for each size: an operator and a few members, signed in again before their tokens end."""

    stand: Stand
    data: Data
    _tokens: dict[str, tuple[float, str, list[tuple[dict[str, str], str]]]] = field(default_factory=dict)

    def send(
        self, service: str, size: str, method: str, path: str, *, body: Any = None, token: str = "", key: str = ""
    ) -> tuple[float, bytes]:
        """Send one request to a service's web process; return its seconds and the answer.

        :raises Refused: it is no success.
        """
        port = self.stand.ports[f"{service}-web-{size}"]
        headers = {"Host": "localhost", "Content-Type": "application/json", "Idempotency-Key": key}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        content = None if body is None else json.dumps(body)
        begun = time.perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        line.request(method, path, content, {name: value for name, value in headers.items() if value})
        answer = line.getresponse()
        text = answer.read()
        seconds = time.perf_counter() - begun
        line.close()
        if not 200 <= answer.status < 300:
            raise Refused(f"{method} {path} answered {answer.status}: {text[:600].decode(errors='replace')}")
        return seconds, text

    def tokens(self, size: str) -> tuple[str, list[tuple[dict[str, str], str]]]:
        """Return the operator's token, and members with theirs."""
        made, operator, members = self._tokens.get(size, (0.0, "", []))
        if time.monotonic() - made > TOKEN_SECONDS or not operator:
            chance = Random(size)  # noqa: S311 - the same ones each time
            people = [self.data.at_random(size, chance) for _ in range(PEOPLE)]
            members = [(one, self._token(size, one["email"], PASSWORD)) for one in people]
            operator = self._token(
                size, *(self.stand.servers.env[f"OPERATOR_{name}"] for name in ("EMAIL", "PASSWORD"))
            )
            self._tokens[size] = time.monotonic(), operator, members
        return operator, members

    def _token(self, size: str, email: str, password: str) -> str:
        _, text = self.send("auth", size, "POST", _TOKEN, body={"email": email, "password": password})
        return str(json.loads(text)["access"])

    def get(self, row: Get, size: str, chance: Random) -> float:
        """Send one request of a row, for ids at random; return its seconds."""
        operator, members = self.tokens(size)
        if row.asker == MEMBER:
            things, token = chance.choice(members)
        else:
            things, token = self.data.at_random(size, chance), operator
        path, query = row.target({**things, **self._moments()})
        seconds, _ = self.send(row.service, size, "GET", path + (f"?{urlencode(query)}" if query else ""), token=token)
        return seconds

    def _moments(self) -> dict[str, str]:
        now = datetime.now(UTC)
        return {"now": now.isoformat(), "begun": self.data.begun, "today": self.data.begun[:10]}


def in_turns(ask: Callable[[str], float], times: int, *, first: int = 3) -> dict[str, list[float]]:
    """Ask both sizes in turns, each as often as the other and each first as often; return the seconds of each.

    The first few are not counted: they load and prepare.
    """
    taken: dict[str, list[float]] = {size: [] for size in SIZES}
    for turn in range(first + times):
        for size in SIZES if turn % 2 else reversed(SIZES):
            seconds = ask(size)
            if turn >= first:
                taken[size].append(seconds)
    return taken
