"""Connections that trickle: heads and bodies that never end, from one loopback address, while others are served."""

import resource
import selectors
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tools.attack.catalogue import probe
from tools.attack.crowd import statuses
from tools.attack.line import Answer, Line
from tools.attack.stage import Stage

ATTACKER, OTHER = "127.0.4.1", "127.0.4.2"
CONNECTIONS, OPENED_WITHIN = 2_100, 10.0
# A whole head may take ten seconds; the rest is room for a small machine.
HEADS_END_WITHIN, SERVED_WITHIN = 16.0, 2.0
# What one address may keep open that sends a body for ever: nginx bounds no body as a whole (ADR 37).
BODIES_AT_MOST = 200
HEAD = b"GET /api/v1/sandbox/cards HTTP/1.1\r\nHost: localhost\r\n"
BODY = b"POST /api/v1/auth/token HTTP/1.1\r\nHost: localhost\r\n" + (
    b"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
)


@dataclass
class Trickle:
    """Connections of one address that send their first bytes and then one byte a second."""

    url: str
    first: bytes
    drop: bytes
    open: set[socket.socket] = field(default_factory=set)
    refused: int = 0

    def begin(self, count: int) -> None:
        """Open so many connections, or as many as come to be in ten seconds."""
        _raise_the_limit_of_files(count)
        place, deadline = urlsplit(self.url), time.monotonic() + OPENED_WITHIN
        for _ in range(count):
            if time.monotonic() > deadline:
                break
            one = socket.socket()
            one.settimeout(1.0)
            try:
                one.bind((ATTACKER, 0))
                one.connect((place.hostname, place.port))
                one.send(self.first)
                one.setblocking(False)
                self.open.add(one)
            except OSError:
                self.refused += 1
                one.close()

    def send_a_byte_each(self) -> None:
        """Send the next byte on all that are open, and note which of them the other side ended or answered."""
        for one in self._answered():
            self._end(one)
        for one in list(self.open):
            try:
                one.send(self.drop)
            except BlockingIOError:
                continue
            except OSError:
                self._end(one)

    def end(self) -> None:
        """Close all."""
        for one in list(self.open):
            self._end(one)

    def _answered(self) -> Iterable[socket.socket]:
        with selectors.DefaultSelector() as waiting:
            for one in self.open:
                waiting.register(one, selectors.EVENT_READ)
            return [key.fileobj for key, _ in waiting.select(0) if isinstance(key.fileobj, socket.socket)]

    def _end(self, one: socket.socket) -> None:
        self.open.discard(one)
        with suppress(OSError):
            one.close()


def _raise_the_limit_of_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count + 500:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 500), hard))


@dataclass
class Others:
    """A member at another address, who reads while it trickles."""

    line: Line
    answers: list[Answer] = field(default_factory=list)

    def read(self, trickle: Trickle, seconds: float) -> None:
        """Read again and again for so long, while each connection gets its byte a second; done when none is left."""
        until, next_byte = time.monotonic() + seconds, 0.0
        while trickle.open and time.monotonic() < until:
            self.answers.append(self.line.get("points/balance"))
            if time.monotonic() > next_byte:
                trickle.send_a_byte_each()
                next_byte = time.monotonic() + 1
            time.sleep(0.1)

    def judge(self, stage: Stage) -> None:
        """Note who was not served, or late."""
        unserved = [one for one in self.answers if not one.is_ok]
        slowest = max(one.seconds for one in self.answers)
        stage.must(
            not unserved, f"{len(unserved)} of {len(self.answers)} requests from elsewhere: {statuses(unserved)}"
        )
        stage.must(slowest <= SERVED_WITHIN, f"another address waited {slowest:.1f} s")
        stage.must(self.line.get("points/balance").is_ok, "nobody is served afterwards")
        stage.say(f"{len(self.answers)} requests from elsewhere, the slowest {slowest:.2f} s")


def _trickle(stage: Stage, first: bytes, seconds: float) -> int:
    """Trickle for so long beside others; return how many connections are still open then."""
    trickle = Trickle(stage.url, first, b"x")
    others = Others(Line(stage.url, stage.people["member"].line.token, address=OTHER))
    try:
        trickle.begin(CONNECTIONS)
        begun = time.monotonic()
        stage.say(f"{len(trickle.open)} opened")
        others.read(trickle, seconds)
        left, lasted = len(trickle.open), time.monotonic() - begun
    finally:
        trickle.end()
    others.judge(stage)
    stage.say(f"{left} left after {lasted:.0f} s")
    return left


@probe
def slow_heads(stage: Stage) -> None:
    """Of one address, 2,100 connections whose heads never end shut nobody out, and are ended."""
    left = _trickle(stage, HEAD, HEADS_END_WITHIN)
    stage.must(left == 0, f"{left} heads are still open after {HEADS_END_WITHIN:.0f} s")


@probe
def slow_bodies(stage: Stage) -> None:
    """Of one address, 2,100 connections whose bodies never end shut nobody out, and no more stay than it may have."""
    left = _trickle(stage, BODY, stage.either(short=6, long=75))
    stage.must(left <= BODIES_AT_MOST, f"{left} bodies are still open (at most {BODIES_AT_MOST})")
