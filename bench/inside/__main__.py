"""`python -m bench.inside <figure> …` in the points service's folder, with its settings: prints one JSON object."""

import json
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from bench.inside import backtests, batches, clients, codes, expiry, messages, tiers  # noqa: E402 - after the set-up
from shared.garbage import collect_rarely  # noqa: E402

WORK: dict[str, Callable[..., dict[str, Any]]] = {
    "batch": batches.batch,
    "bought": backtests.bought,
    "bare": batches.bare,
    "codes": codes.codes,
    "pgledger": clients.pgledger,
    "hot": clients.hot,
    "outbox": messages.outbox,
    "steady": messages.steady,
    "publish": messages.publish_many,
    "drain": messages.drain,
    "lots_to_end": expiry.lots_to_end,
    "expiry": expiry.expiry,
    "stood": tiers.stood,
    "judged": tiers.judged,
}

if __name__ == "__main__":
    collect_rarely()  # as every process of the service does
    print(json.dumps(WORK[sys.argv[1]](*sys.argv[2:])))
