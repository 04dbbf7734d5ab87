"""The test clock is moved while services are away or killed: nothing falls due twice, too early or not at all."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from signal import SIGKILL
from typing import Any

from tools.drills.catalogue import drill
from tools.drills.stage import Stage
from tools.drills.waits import eventually, must

CLOCK = "sandbox/clock"
LOTS, DAYS = 500, 3
# Each of them has a part in a move; beat and flower have none.
_SERVICES = ("auth", "points", "payments", "warehouse")
_OF_EACH = [f"{service}-{kind}" for service in _SERVICES for kind in ("worker", "relay")]
PROCESSES = (*_OF_EACH, "payments-web", "points-web")


@drill()
def clock_moved_while_away(stage: Stage) -> None:
    """A service is down while the time is moved: the time waits for it, and what is due happens when it is back."""
    for service in ("points", "warehouse"):
        programme = _lots_that_end(stage)
        with _moving(stage) as until:
            with stage.processes.down(f"{service}-worker", SIGKILL):
                # And perhaps for others, whose messages to it are under way.
                eventually(lambda name=service: name in _waited_for(stage), f"the time waits for {service}")  # type: ignore[misc]
                must(_move(stage)["state"] == "moving", "the move ended without a service")
                must(_expired(stage, programme) == 0, "the time did not wait where it was")
            _check_moved(stage, until)
        must(_expired(stage, programme) == LOTS, f"{_expired(stage, programme)} lots of {LOTS} ended")
    stage.prove()


@drill()
def clock_moved_and_killed(stage: Stage) -> None:
    """Each process that has a part in a move is killed in the middle of one: everything that is due happens once."""
    victims = stage.random.sample(PROCESSES, 1) if stage.is_short else PROCESSES
    for victim in victims:
        programme = _lots_that_end(stage)
        with _moving(stage) as until:
            stage.last(stage.random.uniform(0, 0.4))
            stage.processes.kill(victim)
            _check_moved(stage, until)
        must(_expired(stage, programme) == LOTS, f"{victim}: {_expired(stage, programme)} lots of {LOTS} ended")
    stage.say(f"killed {', '.join(victims)}")
    stage.prove()


def _lots_that_end(stage: Stage) -> str:
    """Give a member lots that end on each of the next days, in a programme of their own; return the programme."""
    operator, member = stage.people.operator, stage.people.crowd[0]
    expiry = {"kind": "rolling", "count": 1, "unit": "day"}
    terms = {"currency": "EUR", "timezone": "UTC", "expiry": expiry, "notice_days": [1]}
    programme = operator.post("programmes", {"name": "Ends", **terms})["id"]
    one = {"kind": "earn", "member_id": member, "points": 1, "reason": "a drill", "programme": programme}
    postings = [{**one, "key": f"{programme}-{number}"} for number in range(LOTS)]
    results = operator.post("points/batches", {"postings": postings})["results"]
    must({line["status"] for line in results} == {"posted"}, "a batch was not posted whole")
    return str(programme)


@contextmanager
def _moving(stage: Stage) -> Iterator[datetime]:
    """Begin to move the time by some days, and yield where it is to be; the block sees to it that it comes there."""
    operator = stage.people.operator
    until = datetime.fromisoformat(operator.get(CLOCK)["now"]) + timedelta(days=DAYS)
    with ThreadPoolExecutor(1) as pool:
        asked: Future[Any] = pool.submit(operator.post, CLOCK, {"to": until.isoformat()})
        eventually(lambda: _is_this(_move(stage), until), "the move began")
        yield until
        asked.result()


def _is_this(move: dict[str, Any] | None, until: datetime) -> bool:
    return move is not None and datetime.fromisoformat(move["target"]) == until


def _move(stage: Stage) -> Any:
    return stage.people.operator.get(CLOCK)["move"]


def _waited_for(stage: Stage) -> list[str]:
    return [one["service"] for one in _move(stage)["not_quiet"]]


def _check_moved(stage: Stage, until: datetime) -> None:
    stage.processes.await_all()
    eventually(lambda: _move(stage)["state"] == "done", "the move ended")
    now = datetime.fromisoformat(stage.people.operator.get(CLOCK)["now"])
    must(now >= until, f"it is {now}, not yet {until}")


def _expired(stage: Stage, programme: str) -> int:
    """Return how many lots of a programme have ended, by its facts in the ledger."""
    return stage.databases.number(
        "points",
        "SELECT count(*) FROM points_transaction t JOIN account a ON a.id = t.account_id"
        f" WHERE a.programme_id = '{programme}' AND t.kind = 'expired'",
    )
