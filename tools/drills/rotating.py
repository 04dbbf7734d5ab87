"""The signing key has leaked, and another one replaces it while everybody goes on."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from tools.drills.catalogue import drill
from tools.drills.client import API
from tools.drills.stage import Stage
from tools.drills.waits import must

# Something that an operator reads from each service.
READS = {"auth": "auth/me", "points": "programmes", "payments": "merchants", "warehouse": "reports/freshness"}
# By the message, and a second for what processes remember; the rest is room for a small machine under traffic.
PROMISED_SECONDS = 3.0
# More than any service has processes, so that each of them meets the new key; and how long is watched after a rotation.
FIRST_REQUESTS, WATCHED_SECONDS = 40, 5.0


@drill()
def keys_rotated(stage: Stage) -> None:
    """A leaked key is replaced at once under traffic: its tokens end on every service, new ones are good at once."""
    with stage.traffic() as traffic:
        for _ in range(int(stage.either(short=1, long=5))):
            stage.moment()
            _rotate(stage)
        done = traffic.done
        stage.moment()
        must(traffic.done > done, "nobody goes on after the rotation")
    stage.prove()


@dataclass
class Watch:
    """Asks one service with one token, again and again; `last_good` is when it was last answered (Unix time)."""

    url: str
    token: str
    last_good: float = 0.0

    def until(self, stopped: threading.Event) -> None:
        """Ask until stopped."""
        with requests.Session() as session:
            while not stopped.is_set():
                asked_at = time.time()
                if _status(session, self.url, self.token) == 200:
                    self.last_good = asked_at


def _rotate(stage: Stage) -> None:
    operator, stopped = stage.people.operator, threading.Event()
    leaked = operator.sign_in()
    watches = {name: Watch(f"{operator.url}{API}/{path}", leaked) for name, path in READS.items()}
    with ThreadPoolExecutor(len(watches)) as pool:
        for watch in watches.values():
            pool.submit(watch.until, stopped)
        try:
            stage.last(0.5)
            stage.target.ask("auth", "rotate_signing_key", "--at-once")
            rotated_at = time.time()
            refused = _first_requests(stage, operator.sign_in())
            stage.last(WATCHED_SECONDS)
        finally:
            stopped.set()
    must(not refused, f"a new token was not good at once: {refused}")
    _must_have_ended(stage, watches, rotated_at)


def _first_requests(stage: Stage, token: str) -> dict[str, int]:
    """Ask every service with a token that was just made; return how many of the answers were not good, if any."""
    found = {name: _refused(f"{stage.target.url}{API}/{path}", token) for name, path in READS.items()}
    return {name: count for name, count in found.items() if count}


def _refused(url: str, token: str) -> int:
    with ThreadPoolExecutor(8) as pool:
        statuses = pool.map(lambda _: _status(requests.Session(), url, token), range(FIRST_REQUESTS))
        return sum(status != 200 for status in statuses)


def _must_have_ended(stage: Stage, watches: dict[str, Watch], rotated_at: float) -> None:
    seconds = {name: max(0.0, watch.last_good - rotated_at) for name, watch in watches.items()}
    must(all(watch.last_good for watch in watches.values()), "the token of the old key was never good")
    said = ", ".join(f"{name} {one:.2f} s" for name, one in seconds.items())
    must(max(seconds.values()) < PROMISED_SECONDS, f"tokens of the retired key went on: {said}")
    stage.say(f"its tokens were good for {said} after the command")


def _status(session: requests.Session, url: str, token: str) -> int:
    return int(session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=40).status_code)
