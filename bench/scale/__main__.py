"""`python -m bench.scale`: measures everything at a size and at ten times it; `--short` shows that it works.

Exits with 1 where a row is beyond its bound (bench/scale/verdict.py), after `--short` only where something fails.
BENCH_SCALE_MEMBERS (10,000) is how many members the larger size has.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable

from bench.processors import idle_share
from bench.scale import gets, jobs, verdict
from bench.scale.asking import Lines
from bench.scale.filling import MEMBERS_OF_A_FAMILY, TIMES, fill, play
from bench.scale.measuring import Scale
from bench.scale.pages import counted
from bench.scale.published import published
from bench.scale.stand import SIZES, servers_only
from bench.table import COLUMNS, Row
from tools.stack.layout import PACKAGES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="few members and requests: the figures mean nothing")
    short = parser.parse_args().short
    found = {service: published(service) for service in PACKAGES}
    if lacking := gets.lacking(found) + jobs.lacking(found):
        sys.exit("\n".join(lacking))
    begun = time.monotonic()
    families = 1 if short else 10
    members = 400 if short else int(os.environ.get("BENCH_SCALE_MEMBERS", "10000"))
    data = play(families, members // (families * MEMBERS_OF_A_FAMILY * TIMES))
    _say(begun, "the originals are played")
    with servers_only() as stand:
        fill(stand, data)
        names = ", ".join(f"{data.members(size):,}" for size in SIZES)
        _say(begun, f"{names} members")
        with counted(stand) as pages:
            scale = Scale(stand, Lines(stand, data), data, pages, found, 3 if short else 15, is_short=short)
            rows = _measure(scale, begun)
    beyond = [row for row in rows if not verdict.holds(row)]
    _list(
        "read more pages, though they take no longer yet",
        [one for one in rows if verdict.is_growing(one) and verdict.holds(one)],
    )
    _list("beyond their bound", beyond)
    _say(begun, f"{idle_share():.0%} idle after; {len(rows) - len(beyond)} of {len(rows)} rows hold")
    return 1 if beyond and not short else 0


def _measure(scale: Scale, begun: float) -> list[Row]:
    print(f"{idle_share():.0%} idle before\n{COLUMNS}", flush=True)
    rows = _shown(scale.backlogs())
    _say(begun, "all backlogs are done")
    scale.stand.serve()
    for size in SIZES:
        scale.stand.settle(size)
        # As each half a minute: what the backlogs posted is counted.
        scale.stand.manage("points", size, "run_job", "count-lot-ends")
    _say(begun, "all messages are there; with statistics from when there were few rows")
    rows += _shown(scale.requests())
    scale.stand.analyse()
    _say(begun, "with true statistics")
    rows += _shown(scale.requests())
    _say(begun, "writes and jobs")
    return [*rows, *_shown(scale.writes()), *_shown(scale.jobs())]


def _shown(rows: Iterable[Row]) -> list[Row]:
    found = []
    for row in rows:
        found.append(row)
        print(row.text(), flush=True)
    return found


def _list(what: str, rows: list[Row]) -> None:
    print("\n".join(["", f"{len(rows)} {what}", *(row.text() for row in rows)]), flush=True)


def _say(begun: float, text: str) -> None:
    print(f"{time.monotonic() - begun:.0f} s: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
