"""Much waits for a consumer that is away or slow, and nobody else is held up by it."""

import time
from signal import SIGKILL
from uuid import uuid4

from shared.messaging.lanes import Lane
from shared.messaging.sending import WAITING_AT_MOST
from tools.drills.catalogue import drill
from tools.drills.stage import Stage
from tools.drills.traffic import pay, redeem
from tools.drills.waits import eventually, must

BATCH = 10_000
# A broker holds this many packs for a consumer, and one on its way.
PACKS_AT_MOST = sum(WAITING_AT_MOST.values()) + 1
# A payment arrives within this time whatever else is on the way; much room for a small machine.
PROMISED_SECONDS = 10.0
# Of a flood's packs that wait at the broker, so many at least, all would be begun before what waits behind them; where
# the queues are taken from in turn it is one for each child of the worker, or one more.
PACKS_AHEAD, OVERTAKEN_AT_MOST = WAITING_AT_MOST[Lane.BULK], 1_999
# With less than this waiting, what people do has little to wait behind.
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
    """A flood from points to the warehouse delays neither payments' messages nor what members spend meanwhile."""
    with stage.processes.down("warehouse-worker", SIGKILL), stage.traffic():
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
    """Pay and spend points again and again while enough of the flood waits to show whether that waits behind it."""
    overtaken: dict[str, list[int]] = {"payments": [], "points": []}
    while stage.databases.waiting("points") > FLOOD_AT_LEAST:
        for producer, passed in _overtaken(stage).items():
            overtaken[producer].append(passed)
    for producer, passed_by_each in overtaken.items():
        must(bool(passed_by_each), f"the flood was over before {producer} sent anything: it has to be larger")
        stage.say(f"from {producer} past {sorted(passed_by_each)} messages of the flood")
        most = max(passed_by_each)
        must(most <= OVERTAKEN_AT_MOST, f"what a member did waited behind {most} messages of the flood")


def _overtaken(stage: Stage) -> dict[str, int]:
    """Pay, and spend points; return how much of the flood the warehouse took before each, by its publishing service.

    Its worker stands still until they wait at the broker with the flood, so that how fast anybody else is counts for
    nothing. Without what the traffic of before was ahead of, where the broker takes no more such packs meanwhile.
    """
    with stage.processes.frozen("warehouse-worker"):
        ids = {"payments": _paid(stage), "points": _spent(stage)}
        sent = {name: eventually(lambda name=name: _sent_or_full(stage, name, ids[name]), "sent") for name in ids}  # type: ignore[misc]
        bulk = Lane.BULK
        eventually(lambda: stage.broker.waiting("warehouse", "points", bulk) >= PACKS_AHEAD, "the flood's packs wait")
        since = stage.databases.rows("warehouse", "SELECT clock_timestamp()")[0]
    eventually(lambda: stage.databases.received("points", [ids["payments"]]), "arrived at points")
    eventually(lambda: stage.databases.received("warehouse", [*ids.values()]) == len(ids), "arrived at the warehouse")
    return {
        name: stage.databases.taken_between("warehouse", "points", since=since, until=message)
        for name, message in ids.items()
        if sent[name] == "sent"
    }


def _paid(stage: Stage) -> str:
    [message] = stage.databases.published_for(pay(stage.people.probe, stage.people.merchant, 100, stage.tally))
    return message


def _spent(stage: Stage) -> str:
    [message] = stage.databases.published_for_spending(redeem(stage.people.probe, 1, stage.tally))
    return message


def _sent_or_full(stage: Stage, producer: str, message: str) -> str:
    """Tell whether a message waits at the broker for the warehouse, or as many packs of its lane do as may; else ''."""
    if stage.databases.sent(producer, "warehouse", message):
        return "sent"
    lane = Lane.INTERACTIVE
    return "full" if stage.broker.waiting("warehouse", producer, lane) >= WAITING_AT_MOST[lane] else ""


def _seconds_until(stage: Stage, *consumers: str) -> float:
    """Pay, and return how long after the answer all consumers had committed the payment's message."""
    payment = pay(stage.people.probe, stage.people.merchant, 100, stage.tally)
    begun = time.monotonic()
    [message] = stage.databases.published_for(payment)
    for consumer in consumers:
        eventually(lambda name=consumer: stage.databases.received(name, [message]), f"arrived at {consumer}")  # type: ignore[misc]
    return time.monotonic() - begun
