"""Messages come often, out of order, beside poison, or from two relays at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.ids import new_id
from tools.drills.catalogue import drill
from tools.drills.stage import Stage
from tools.drills.traffic import pay, refund
from tools.drills.waits import eventually, must

TIMES = 100
TOO_EARLY = "TooEarly"
CONSUMERS = ("points", "warehouse")


@drill()
def same_envelope(stage: Stage) -> None:
    """The same envelopes a hundred times at once, alone and in one pack: each has its effect once."""
    with stage.traffic(), stage.processes.frozen("payments-relay"):
        payment = pay(stage.people.probe, stage.people.merchant, 4_200, stage.tally)
        for consumer in CONSUMERS:
            envelope = _envelope_of(stage, payment, consumer)
            packs = [*([envelope] for _ in range(TIMES)), [envelope] * TIMES]
            _at_once(stage, consumer, packs)
    stage.say(f"{TIMES} times to each of {' and '.join(CONSUMERS)}")
    stage.prove()


def _envelope_of(stage: Stage, payment: str, consumer: str) -> Any:
    """Return the message of one payment: of the traffic's, a refund may be too early, a hundred times as well."""
    waiting = stage.databases.envelopes("payments", consumer)
    return next(one for one in waiting if one["name"] == "payment_captured" and payment in json.dumps(one))


def _at_once(stage: Stage, consumer: str, packs: list[list[Any]]) -> None:
    with ThreadPoolExecutor(4) as pool:
        parts = [packs[start::4] for start in range(4)]
        list(pool.map(lambda part: stage.queues.send("payments", consumer, part), parts))


@drill()
def out_of_order(stage: Stage) -> None:
    """Payments and their refunds arrive one by one in any order; a refund that comes too early comes again."""
    early = _said_too_early(stage)
    with stage.traffic(), stage.processes.frozen("payments-relay"):
        for _ in range(int(stage.either(short=10, long=50))):
            payment = pay(stage.people.probe, stage.people.merchant, 1_000, stage.tally)
            refund(stage.people, stage.people.probe, payment, 1_000, stage.tally)
        for consumer in CONSUMERS:
            envelopes = stage.databases.envelopes("payments", consumer)
            stage.random.shuffle(envelopes)
            stage.queues.send("payments", consumer, [[envelope] for envelope in envelopes])
            stage.say(f"{len(envelopes)} shuffled for {consumer}")
        eventually(lambda: _said_too_early(stage) > early, "too early for a refund")
    stage.prove()


def _said_too_early(stage: Stage) -> int:
    return stage.processes.log("points-worker").count(TOO_EARLY)


@drill()
def poison(stage: Stage) -> None:
    """Messages that nobody can act on are parked, and the good ones in their pack pass; a person skips them."""
    bad = {str(new_id()): words for words in (("nobody_knows_this", {}), ("payment_captured", {"payment_id": "?"}))}
    with stage.traffic():
        with stage.processes.frozen("payments-relay"):
            eventually(lambda: stage.databases.waiting("payments", "points") > 1, "good messages wait")
            for message_id, (name, payload) in bad.items():
                stage.databases.publish("payments", "points", message_id=message_id, name=name, payload=payload)
            good = [one["id"] for one in stage.databases.envelopes("payments", "points") if one["id"] not in bad]
            stage.queues.send_garbage("payments", "points")
        eventually(lambda: stage.databases.parked("payments") == sorted(bad), "parked, and nothing else is")
        eventually(lambda: stage.databases.received("points", good) == len(good), "passed by the good ones")
    for message_id in bad:
        stage.target.ask("payments", "messages", "skip", message_id, "--destination", "points", "--reason", "a drill")
    stage.say(f"{len(bad)} parked and skipped, {len(good)} good ones passed them")
    stage.prove()


@drill()
def two_relays(stage: Stage) -> None:
    """Two relays beside each other: no message is sent by both, and one that stands still holds up nobody."""
    before = stage.databases.resent()
    # Nothing is brought back: a refund that overtakes its payment is sent again, too.
    second_relay = stage.processes.second_relay
    with stage.traffic(with_returns=False), second_relay("payments"), second_relay("points"):
        stage.last(stage.either(short=3, long=30))
        with stage.processes.frozen("payments-relay", "points-relay"):
            payment = pay(stage.people.probe, stage.people.merchant, 4_200, stage.tally)
            published = stage.databases.published_for(payment)
            eventually(lambda: stage.databases.received("points", published), "sent by the second relay")
        stage.last(stage.either(short=2, long=10))
    again = stage.databases.resent() - before
    must(again == 0, f"{again} messages were sent by both relays")
    stage.prove()
