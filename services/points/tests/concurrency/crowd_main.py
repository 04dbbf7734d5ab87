"""The process that a Crowd talks to: it forks workers, and answers each line of its input with what became of them.

It has no connection of its own while they live, so that each worker has its own.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django
import time_machine
from django.conf import settings
from django.db import connection, connections


def prepare() -> None:
    settings.DATABASES["default"]["ENGINE"] = "tests.concurrency.mortal"
    settings.DATABASES["default"]["OPTIONS"]["connect_timeout"] = 120  # many come at once, on few cores
    django.setup()

    from shared import garbage
    from shared.testing import roles
    from shared.testing.actors import Actor
    from shared.testing.tokens import known_keys, private_key
    from shared.tokens.keys import RING

    private_key()
    RING.load_from(known_keys)
    # What every worker would load for itself: all code behind the views, and the keys. It is refused as incomplete.
    assert Actor(roles.MEMBER).post("/api/v1/points/redemptions", {}).status_code == 400
    connections.close_all()
    # Or each worker, which lives for a request, would copy half of what is loaded by looking for garbage in it.
    garbage.collect_rarely()


def post(work: dict[str, Any]) -> dict[str, Any]:
    """Send a request as a client would; one that insists asks again while its concurrent duplicate is running."""
    from shared.testing import roles
    from shared.testing.actors import Actor
    from shared.testing.waiting import until

    actor = Actor(getattr(roles, work["role"].upper()))
    answers: list[Any] = []

    def is_answered() -> bool:
        answers.append(actor.post(work["path"], work["body"], key=work["key"]))
        is_running = answers[-1].status_code == 409 and b"in_progress" in answers[-1].content
        return not (work.get("insists") and is_running)

    until(is_answered)
    return {"status": answers[-1].status_code, "body": answers[-1].content.decode()}


def deliver(work: dict[str, Any]) -> dict[str, Any]:
    from shared.contracts.base import Envelope
    from shared.messaging import inbox

    receipt = inbox.receive([Envelope.read(work["envelope"])], inbox.handlers())
    return {"failed": {str(key): str(value) for key, value in receipt.failed.items()}}


def expire(_work: dict[str, Any]) -> dict[str, Any]:
    from points.expiry import tasks as expiry_tasks
    from points.ledger import tasks

    return {"holds": tasks.expire_holds(), "lots": expiry_tasks.expire_points()}


DOING: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"post": post, "deliver": deliver, "expire": expire}


def work(works: list[dict[str, Any]], dies_at: int | None, ready: int, gate: int, answers: int) -> None:
    """Connect, wait at the gate until all have, do what is to be done, and write down what came of it."""
    from tests.concurrency.mortal.base import DEATH

    connection.ensure_connection()
    os.write(ready, b"!")
    os.read(gate, 1)
    DEATH.sent, DEATH.at = 0, dies_at
    found = [DOING[one["do"]](one) for one in works]
    with os.fdopen(answers, "w") as out:
        json.dump(found, out)


def fork(works: list[dict[str, Any]], dies_at: int | None, ready: int, gate: tuple[int, int]) -> tuple[int, int]:
    """Start a worker; return its id and where its answers can be read."""
    reading, writing = os.pipe()
    if pid := os.fork():
        os.close(writing)
        return pid, reading
    status = 1
    try:
        os.close(gate[1])
        work(works, dies_at, ready, gate[0], writing)
        status = 0
    except Exception:  # it is shown, and the status tells of it
        traceback.print_exc()
    finally:
        os._exit(status)  # nothing of the parent's may be ended here


def run(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Let all workers begin at once and wait for the last."""
    gate, ready = os.pipe(), os.pipe()
    workers = [fork(works, order["dies_at"], ready[1], gate) for works in order["works"]]
    os.close(ready[1])
    with os.fdopen(ready[0], "rb") as signs:
        signs.read(len(workers))
    os.close(gate[0])
    os.close(gate[1])  # the gate opens
    return [result_of(pid, reading) for pid, reading in workers]


def result_of(pid: int, reading: int) -> dict[str, Any]:
    with os.fdopen(reading) as answers:
        said = answers.read()
    _, status = os.waitpid(pid, 0)
    return {"exit": os.waitstatus_to_exitcode(status), "answers": json.loads(said or "[]")}


def main() -> None:
    prepare()
    for line in sys.stdin:
        order = json.loads(line)
        with time_machine.travel(datetime.fromisoformat(order["now"])):
            print(json.dumps(run(order)), flush=True)


if __name__ == "__main__":
    main()
