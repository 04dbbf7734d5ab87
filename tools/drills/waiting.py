"""Much waits for a consumer that is away or slow, and nobody else is held up by it."""

import time
from signal import SIGKILL
from uuid import uuid4

from tools.drills.catalogue import drill
from tools.drills.stage import Stage
from tools.drills.traffic import pay
from tools.drills.waits import eventually, must

BATCH = 10_000
# A broker holds this many packs for a consumer (WAITING_AT_MOST in shared.messaging.sending), and one on its way.
PACKS_AT_MOST = 5
# A payment arrives within this time whatever else is on the way; much room for a small machine.
PROMISED_SECONDS = 10.0
# Of a flood's packs that wait at the broker, so many at least, all would be begun before a payment that waits behind
# them; where the queues are taken from in turn it is one for each child of the worker, or one more.
PACKS_AHEAD, OVERTAKEN_AT_MOST = 4, 1_999
# With less than this waiting, a payment has little to wait behind.
FLOOD_AT_LEAST = 3_000


def flood(stage: Stage, messages: int) -> None:
    """Give points to the crowd in batches: a message for the warehouse for each."""
    crowd = stage.people.crowd
    for _ in range(messages // BATCH):
        lines = [{"member_id": crowd[number % len(crowd)], "points": 3} for number in range(BATCH)]
        postings = [{**line, "key": str(uuid4()), "kind": "earn", "reason": "a flood"} for line in lines]
        results = stage.people.operator.post("points/batches", {"postings": postings})["results"]
        must({one["status"] for one in results} == {"posted"}, "a batch was not posted whole")
        for member in crowd:
            stage.tally.flooded(member, 3, times=BATCH // len(crowd))


@drill()
def consumer_stopped(stage: Stage) -> None:
    """A consumer is away for a minute with ten thousand messages waiting: the broker holds few of them, all arrive."""
    with stage.traffic():
        with stage.processes.down("warehouse-worker", SIGKILL):
            flood(stage, BATCH)
            stage.last(stage.either(short=2, long=60))
            waiting, packs = stage.databases.waiting("points"), stage.broker.waiting("warehouse", "points")
            must(waiting >= BATCH, f"only {waiting} messages waited")
            must(packs <= PACKS_AT_MOST, f"the broker held {packs} packs")
            stage.say(f"{waiting} waited, {packs} packs of them at the broker")
        begun = time.monotonic()
        eventually(lambda: stage.databases.waiting("points") < BATCH / 100, "drained")
        stage.say(f"drained in {time.monotonic() - begun:.1f} s")
    stage.prove()


@drill()
def isolation(stage: Stage) -> None:
    """A flood from points to the warehouse delays neither payments' messages to points nor those to the warehouse."""
    with stage.traffic():
        with stage.processes.down("warehouse-worker", SIGKILL):
            flood(stage, int(stage.either(short=1, long=5)) * BATCH)
            _promise(stage, "points", [_seconds_until(stage, "points") for _ in range(5)])
        waiting = stage.databases.waiting("points")
        eventually(lambda: stage.databases.waiting("points") < waiting, "taken from again")
        _while_flooded(stage)
    stage.prove()


def _promise(stage: Stage, whom: str, seconds: list[float]) -> None:
    stage.say(f"to {whom} in {sorted(seconds)[len(seconds) // 2]:.2f} s, at most {max(seconds):.2f} s")
    must(max(seconds) < PROMISED_SECONDS, f"a payment took {max(seconds):.1f} s to {whom}")


def _while_flooded(stage: Stage) -> None:
    """Pay again and again as long as enough of the flood waits to show whether a payment has to wait behind it."""
    overtaken = []
    while stage.databases.waiting("points") > FLOOD_AT_LEAST:
        if (passed := _overtaken(stage)) is not None:
            overtaken.append(passed)
    must(bool(overtaken), "the flood was over before a payment was made: it has to be larger")
    stage.say(f"to points and warehouse past {sorted(overtaken)} messages of the flood")
    must(max(overtaken) <= OVERTAKEN_AT_MOST, f"a payment waited behind {max(overtaken)} messages of the flood")


def _overtaken(stage: Stage) -> int | None:
    """Pay, and return how much of the flood the warehouse took before the payment, where both waited at the broker.

    Its worker stands still until they do, so that how fast anybody else is counts for nothing. None where those who
    traffic here paid first, and the broker takes no more of payments' packs meanwhile.
    """
    with stage.processes.frozen("warehouse-worker"):
        payment = pay(stage.people.probe, stage.people.merchant, 100, stage.tally)
        told = stage.databases.told_of(payment)
        is_there = eventually(lambda: _sent_or_full(stage, told[0]), "sent") == "sent"
        eventually(lambda: stage.broker.waiting("warehouse", "points") >= PACKS_AHEAD, "the flood's packs wait")
        since = stage.databases.rows("warehouse", "SELECT clock_timestamp()")[0]
    for consumer in ("points", "warehouse"):
        eventually(lambda name=consumer: stage.databases.received(name, told), f"arrived at {consumer}")  # type: ignore[misc]
    return stage.databases.taken_between("warehouse", "points", since=since, until=told[0]) if is_there else None


def _sent_or_full(stage: Stage, message: str) -> str:
    """Tell whether a message of payments waits at the broker for the warehouse, or as many packs do as may; else ''."""
    if stage.databases.sent("payments", "warehouse", message):
        return "sent"
    return "full" if stage.broker.waiting("warehouse", "payments") >= PACKS_AHEAD else ""


def _seconds_until(stage: Stage, *consumers: str) -> float:
    """Pay, and return how long after the answer all consumers had committed the payment's message."""
    payment = pay(stage.people.probe, stage.people.merchant, 100, stage.tally)
    begun = time.monotonic()
    [message] = stage.databases.told_of(payment)
    for consumer in consumers:
        eventually(lambda name=consumer: stage.databases.received(name, [message]), f"arrived at {consumer}")  # type: ignore[misc]
    return time.monotonic() - begun
