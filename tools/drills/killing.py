"""Processes die, stand still or hang."""

import time
from collections import Counter
from collections.abc import Callable
from itertools import product
from signal import SIGINT, SIGKILL, SIGSTOP

from tools.drills.catalogue import drill
from tools.drills.stage import SERVICES, Stage
from tools.drills.waits import eventually, must

KINDS = ("web", "worker", "relay", "beat")
ANY = [f"{service}-{kind}" for service, kind in product(SERVICES, KINDS)]
LAST_WORDS = "this worker took no task"


@drill()
def kills(stage: Stage) -> None:
    """kill -9 of web, worker, relay and beat at random: whole, or only a child in the middle of its work."""
    killed = Counter[str]()
    with stage.traffic():
        until = time.monotonic() + stage.either(short=15, long=300)
        while time.monotonic() < until:
            stage.moment(short=2.5, long=6)
            killed[_kill_one(stage)] += 1
    stage.say("killed " + ", ".join(f"{count} × {kind}" for kind, count in sorted(killed.items())))
    stage.prove()


def _kill_one(stage: Stage) -> str:
    name, only_a_child = stage.random.choice(ANY), stage.random.random() < 0.3
    kind = name.partition("-")[2]
    children = stage.processes.children(name) if only_a_child else []
    if not children:
        stage.processes.kill(name)
        return kind
    stage.random.choice(children).signal(SIGKILL)
    return f"child of {kind}"


@drill(in_short=False)
def freezes(stage: Stage) -> None:
    """SIGSTOP for seconds of web, worker, relay and beat at random: nobody notices, and all go on."""
    with stage.traffic():
        until = time.monotonic() + stage.either(short=10, long=60)
        while time.monotonic() < until:
            stage.moment(short=1, long=2)
            with stage.processes.frozen(*stage.random.sample(ANY, 2)):
                stage.moment(short=2, long=8)
    stage.prove()


@drill()
def databases_restarted(stage: Stage) -> None:
    """Both PostgreSQL servers are restarted, and killed, in the middle of traffic."""
    for name, signal in (("warehouse-db", SIGINT), ("db", SIGINT), ("db", SIGKILL), ("warehouse-db", SIGKILL)):
        with stage.traffic():
            stage.moment()
            restarts = stage.processes.restarts(name)
            stage.processes.kill(name, signal)
            stage.processes.await_restart(name, restarts)
            stage.moment()
    stage.prove()


@drill(in_short=False)
def worker_hangs(stage: Stage) -> None:
    """A worker whose children stand still is noticed and replaced by itself."""

    def stop_the_children() -> None:
        for child in stage.processes.children("points-worker"):
            child.signal(SIGSTOP)

    _hang(stage, "points", stop_the_children)
    stage.prove()


@drill()
def worker_takes_nothing(stage: Stage) -> None:
    """A worker that is connected and takes from no queue, as after a broker's restart, is noticed and replaced."""
    _hang(stage, "warehouse", lambda: stage.queues.cancel_all("warehouse"))
    stage.prove()


def _hang(stage: Stage, service: str, fault: Callable[[], None]) -> None:
    name = f"{service}-worker"
    hanging, restarts, said = stage.processes.identity(name), stage.processes.restarts(name), _last_words(stage, name)
    with stage.traffic():
        stage.moment()
        fault()
        begun = time.monotonic()
        eventually(lambda: not hanging.lives(), f"noticed that {name} hangs")
        stage.say(f"noticed and ended after {time.monotonic() - begun:.0f} s")
        stage.processes.await_restart(name, restarts)
        stage.moment()
    must(_last_words(stage, name) > said, f"{name} was ended, but not by its watchdog")


def _last_words(stage: Stage, name: str) -> int:
    return stage.processes.log(name).count(LAST_WORDS)
