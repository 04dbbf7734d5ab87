"""`python -m bench`: measures, and prints the table; `--only import expiry --rounds 6` some rows of it, in turns.

BENCH_SECONDS (5) is how long each run of load lasts.
"""

import argparse
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bench.clock_row import clock_row
from bench.database_rows import backtest_row, batch_rows, code_rows, expiry_rows, hot_row, import_rows, pgledger_rows
from bench.gateway_rows import gateway_rows, purchase_rows
from bench.load import CLIENTS
from bench.message_rows import message_delays, message_rows
from bench.people_rows import people_row
from bench.processors import idle_share
from bench.rule_row import rule_row
from bench.stage import Stage, set_up, stack
from bench.table import COLUMNS, Row
from bench.tier_rows import tier_rows
from tools.target import Native

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
# In the order of the table: the clock is last, as all that follows would be later.
GROUPS: Mapping[str, Callable[[Native, Stage], Iterable[Row]]] = {
    "gateway": lambda target, stage: gateway_rows(target, stage, seconds=SECONDS),
    "purchases": lambda target, stage: purchase_rows(target, stage, seconds=SECONDS),
    "rules": lambda _, __: [rule_row()],
    "batch": batch_rows,
    "codes": code_rows,
    "import": import_rows,
    "expiry": expiry_rows,
    "backtest": lambda target, stage: [backtest_row(target, stage)],
    "tiers": tier_rows,
    "hot": lambda target, _: [hot_row(target)],
    "pgledger": lambda target, _: pgledger_rows(target),
    "messages": message_rows,
    "people": lambda target, stage: [people_row(target, stage)],
    "clock": lambda target, stage: [clock_row(target, stage)],
}


def rows(target: Native, stage: Stage, names: Sequence[str], rounds: int) -> Iterator[Row]:
    """Yield the rows of groups, in turns: all of a round before the next one."""
    for _ in range(rounds):
        for name in names:
            yield from GROUPS[name](target, stage.signed_in_again(target))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="these rows alone")
    parser.add_argument("--rounds", type=int, default=1, help="how often")
    chosen = parser.parse_args()
    with stack() as target:
        stage = set_up(target)
        generator = "wrk" if shutil.which("wrk") else "bench/generator.py"
        print(f"{os.cpu_count()} processors, {idle_share():.0%} idle before; {CLIENTS} clients by {generator}")
        print(f"messages, points to warehouse: {message_delays(target, stage)}\n{COLUMNS}", flush=True)
        found = []
        for row in rows(target, stage, chosen.only, chosen.rounds):
            found.append(row)
            print(row.text(), flush=True)
        reached = sum(row.ratio >= row.aim for row in found)
        print(f"{idle_share():.0%} idle after; {reached} of {len(found)} reach their aim")


if __name__ == "__main__":
    main()
