"""The broker loses what it holds, is away, stands still, or has no room."""

from contextlib import ExitStack

from tools.drills.broker import DISK_IS_FULL
from tools.drills.catalogue import drill
from tools.drills.stage import Stage
from tools.drills.waits import eventually, must


@drill()
def flushall(stage: Stage) -> None:
    """FLUSHALL at random moments while tasks wait: the relay sends again what nobody reported."""
    before = stage.databases.resent()
    with stage.traffic():
        for _ in range(int(stage.either(short=2, long=10))):
            stage.moment()
            with stage.tasks_waiting():
                stage.broker.flush()
        stage.moment()
    stage.prove()
    _must_have_been_lost(stage, before)


@drill()
def broker_emptied(stage: Stage) -> None:
    """The broker is killed with tasks in it and comes back without its files."""
    before = stage.databases.resent()
    with stage.traffic():
        for _ in range(int(stage.either(short=1, long=4))):
            stage.moment()
            with ExitStack() as faults, stage.tasks_waiting():
                faults.enter_context(stage.broker.dead_and_emptied())
        stage.moment()
    stage.prove()
    _must_have_been_lost(stage, before)


@drill()
def broker_stopped(stage: Stage) -> None:
    """The broker is away for a minute: requests go on, messages wait in the outbox."""
    with stage.traffic() as traffic:
        stage.moment()
        with stage.processes.down("broker"):
            answered = traffic.done
            stage.last(stage.either(short=5, long=60))
            must(traffic.done > answered, "no request was answered while the broker was away")
            stage.say(f"{_waiting(stage)} messages waited")
        stage.moment()
    stage.prove()


@drill(in_short=False)
def broker_frozen(stage: Stage) -> None:
    """The broker keeps its connections and answers nobody for a minute."""
    with stage.traffic() as traffic:
        stage.moment()
        with stage.processes.frozen("broker"):
            answered = traffic.done
            stage.last(stage.either(short=5, long=60))
            must(traffic.done > answered, "no request was answered while the broker stood still")
            stage.say(f"{_waiting(stage)} messages waited")
        stage.moment()
    stage.prove()


@drill()
def broker_out_of_memory(stage: Stage) -> None:
    """The broker refuses what needs memory (maxmemory, noeviction) for a while."""
    with stage.traffic():
        stage.moment()
        with stage.broker.without_memory():
            stage.last(stage.either(short=3, long=30))
            must(_waiting(stage) > 0, "nothing waited: the broker has not refused anything")
            stage.say(f"{_waiting(stage)} messages waited")
        stage.moment()
    stage.prove()


def broker_out_of_disk(stage: Stage) -> None:
    """The broker's disk is full (ENOSPC from the kernel) for a while: it refuses every change."""
    with stage.traffic():
        stage.moment()
        with stage.broker.without_disk():
            eventually(stage.broker.is_refusing, "refused by a full disk")
            stage.last(stage.either(short=3, long=30))
            must(_waiting(stage) > 0, "nothing waited: the broker has not refused anything")
            stage.say(f"{_waiting(stage)} messages waited")
        must(not stage.broker.is_refusing(), "the broker still refuses")
        stage.moment()
    stage.prove()


if DISK_IS_FULL.exists():  # Linux has it, and other systems no way to fill a disk without rights
    drill()(broker_out_of_disk)


def _waiting(stage: Stage) -> int:
    return stage.databases.waiting("payments") + stage.databases.waiting("points")


def _must_have_been_lost(stage: Stage, before: int) -> None:
    again = stage.databases.resent() - before
    must(again > 0, "no message had to be sent again: none was lost")
    stage.say(f"{again} messages sent again")
