"""The test clock: how fast days go by in which something falls due."""

import time
from datetime import timedelta
from typing import Any

from bench.stage import API, Stage, drained
from bench.table import Row
from shared.instants import read_instant
from tools.demo.caller import wait_for
from tools.target import Native

DAYS, INSTANTS, PROMISED_SECONDS = 120, 40, 10.0
CLOCK = f"{API}/sandbox/clock"


# What was heavy before it may still be going on: the row tells how long it took, also beyond the answer's 25 s.
PATIENCE = 600


def clock_row(target: Native, stage: Stage) -> Row:
    """Move the time by 120 days with 40 instants at which a lot ends; the limit is no measured one but ten seconds."""
    now = read_instant(stage.operator.get(CLOCK).value["now"])
    terms = {"currency": "EUR", "timezone": "UTC", "lot_days": 365}
    programme = stage.operator.post(f"{API}/programmes", {"name": "Bench of the clock", **terms}).value["id"]
    for number in range(1, INSTANTS + 1):
        ends = now + timedelta(days=DAYS * number / INSTANTS)
        body = {"points": 1, "reason": "bench", "programme": programme, "expires_at": ends.isoformat()}
        stage.operator.post(f"{API}/points/earnings", {**body, "member_id": stage.ids[number % len(stage.ids)]})
    drained(target)
    begun = time.monotonic()
    move = _moved(stage, {"to": (now + timedelta(days=DAYS)).isoformat()})
    seconds = time.monotonic() - begun
    ended = sum(one["count"] for one in move["happened"] if one["kind"] == "lots_expired")
    took = f"{seconds:.1f} s for {DAYS} days and {INSTANTS} instants, {ended} lots ended; ten are the limit"
    return Row("test clock: days", DAYS / seconds, DAYS / PROMISED_SECONDS, 1.0, took)


def _moved(stage: Stage, where: dict[str, str]) -> dict[str, Any]:
    """Move the time; return the move once it is done."""
    answer = stage.operator.post(CLOCK, where, expect=(200, 202))
    if answer.status == 202:
        wait_for(lambda: stage.operator.get(CLOCK).value["move"]["state"], "done", "the move", seconds=PATIENCE)
    move: dict[str, Any] = stage.operator.get(CLOCK).value["move"]
    return move
