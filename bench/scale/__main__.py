"""`python -m bench.scale`: measures everything at a size and at ten times it; `--short` shows that it works.

Exits with 1 where a row takes more than 1.2 times as long. BENCH_SCALE_MEMBERS (20,000) is how many members the larger
size has.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable

from bench.processors import idle_share
from bench.scale import gets, jobs
from bench.scale.asking import Lines
from bench.scale.filling import MEMBERS_OF_A_FAMILY, TIMES, Data, fill, play
from bench.scale.measuring import AT_MOST, Scale
from bench.scale.published import Published, published
from bench.scale.stand import SIZES, Stand, servers_only
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
    members = 400 if short else int(os.environ.get("BENCH_SCALE_MEMBERS", "20000"))
    data = play(families, members // (families * MEMBERS_OF_A_FAMILY * TIMES))
    _say(begun, "the originals are played")
    with servers_only() as stand:
        fill(stand, data)
        return _measure(stand, data, found, begun, times=3 if short else 15)


def _measure(stand: Stand, data: Data, found: dict[str, Published], begun: float, *, times: int) -> int:
    names = ", ".join(f"{data.members(size):,}" for size in SIZES)
    _say(begun, f"{names} members")
    stand.serve()
    scale = Scale(stand, Lines(stand, data), data, found, times)
    print(f"{idle_share():.0%} idle before\n{COLUMNS}", flush=True)
    print("with statistics from when there were few rows", flush=True)
    rows = _shown(scale.backlogs())
    for size in SIZES:
        stand.settle(size)
    rows += _shown(scale.requests())
    stand.analyse()
    print("with true statistics", flush=True)
    rows += [*_shown(scale.requests()), *_shown(scale.writes()), *_shown(scale.jobs())]
    held = sum(row.ratio >= row.aim for row in rows)
    _say(begun, f"{idle_share():.0%} idle after; {held} of {len(rows)} take at most {AT_MOST} times as long")
    return 0 if held == len(rows) else 1


def _shown(rows: Iterable[Row]) -> list[Row]:
    found = []
    for row in rows:
        found.append(row)
        print(row.text(), flush=True)
    return found


def _say(begun: float, text: str) -> None:
    print(f"{time.monotonic() - begun:.0f} s: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
