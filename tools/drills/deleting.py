"""A producer loses what it had to send; only the comparison of both sides can find that out."""

import time

from tools.drills.catalogue import drill
from tools.drills.proof import SETTLED_AFTER_SECONDS
from tools.drills.stage import Stage
from tools.drills.waits import eventually, must

PAIR = ("payments", "points")


@drill()
def rows_lost(stage: Stage) -> None:
    """Outbox rows vanish behind a producer's back: the comparison finds which messages are missing, and sends them."""
    # Nothing is brought back: a refund whose payment is lost would wait for it until the comparison.
    with stage.traffic(with_returns=False):
        stage.moment()
        with stage.processes.frozen("payments-relay"):
            eventually(lambda: stage.databases.unsent(*PAIR) > 10, "messages wait")
            lost = stage.databases.lose(*PAIR)
        stage.moment()
    stage.proof.deleted[PAIR] += len(lost)
    stage.proof.that_all_arrived()
    must(stage.databases.received("points", lost) == 0, "messages arrived that were lost: nothing was shown")
    _compare(stage, lost)
    stage.prove()


def _compare(stage: Stage, lost: list[str]) -> None:
    stage.last(SETTLED_AFTER_SECONDS)
    begun = time.monotonic()
    stage.target.ask("payments", "messages", "compare")
    eventually(lambda: stage.databases.received("points", lost) == len(lost), "found and sent again")
    stage.say(f"{len(lost)} messages lost, found and sent again in {time.monotonic() - begun:.1f} s")
