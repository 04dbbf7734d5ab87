"""Earnings whose messages are measured: single ones with and without, at a steady rate, and many at once."""

import threading
import time
from functools import partial
from typing import Any

from django.db import transaction

from bench.inside.common import PAIRS, ROUNDS, one_by_one, postings, seconds_of_pieces, wait_until_sent
from points.ledger.operations import post
from shared import clock
from shared.ids import new_id


def outbox() -> dict[str, Any]:
    """Measure single earnings with their message and without it, in turns."""
    from points.ledger.posting import engine

    members = [new_id() for _ in range(50)]
    post(postings(members), at=clock.now())
    publish, taken = engine.publish, {"without": list[float](), "with": list[float]()}
    for turn in range(2 * ROUNDS + 2):
        name = "with" if turn % 2 else "without"
        engine.publish = publish if name == "with" else lambda *_, **__: []
        seconds = seconds_of_pieces(partial(one_by_one, postings(members * (PAIRS // 50)))) / PAIRS
        if turn >= 2:
            taken[name].append(seconds)
    return taken


def steady(rate: str, seconds: str) -> dict[str, Any]:
    """Post single earnings at a steady rate; return the time of each commit."""
    members = [new_id() for _ in range(50)]
    commands = iter(postings(members * (int(rate) * int(seconds) // 50)))
    lock, begun, commits = threading.Lock(), time.time(), list[float]()

    def work() -> None:
        while True:
            with lock:
                command, number = next(commands, None), len(commits)
                commits.append(0.0)
            if command is None:
                return
            time.sleep(max(0.0, begun + number / int(rate) - time.time()))
            post([command], at=clock.now())
            commits[number] = time.time()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"commits": [at for at in commits if at]}


def publish_many(count: str) -> dict[str, Any]:
    """Post so many earnings at once and return when they were committed: all their messages wait then.

    Of members who earned before, as nearly all do: a member whom the consumer never heard of costs it a row more.
    """
    members = [new_id() for _ in range(int(count))]
    for _ in range(2):
        wait_until_sent()
        began_at = time.time()
        with transaction.atomic():
            post(postings(members), at=clock.now())
        published_at = time.time()
    return {"began_at": began_at, "published_at": published_at}


def drain() -> dict[str, Any]:
    """Wait for what an earlier run that was ended left to be sent."""
    wait_until_sent()
    return {}
