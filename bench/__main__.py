"""`python -m bench`: measures, and prints the table. BENCH_SECONDS (5) is how long each run of load lasts."""

import os
import shutil
from collections.abc import Iterator

from bench.clock_row import clock_row
from bench.database_rows import backtest_row, batch_rows, code_rows, expiry_rows, hot_row, import_rows, pgledger_rows
from bench.gateway_rows import gateway_rows
from bench.load import CLIENTS
from bench.message_rows import message_delays, message_rows
from bench.people_rows import people_row
from bench.processors import idle_share
from bench.stage import Stage, set_up, stack
from bench.table import COLUMNS, Row
from tools.target import Native


def rows(target: Native, stage: Stage) -> Iterator[Row]:
    yield from gateway_rows(target, stage, seconds=float(os.environ.get("BENCH_SECONDS", "5")))
    yield from batch_rows(target, stage)
    yield from code_rows(target, stage)
    yield from import_rows(target, stage)
    yield from expiry_rows(target, stage)
    yield backtest_row(target, stage)
    yield hot_row(target)
    yield from pgledger_rows(target)
    yield from message_rows(target, stage)
    yield people_row(target, stage)
    yield clock_row(target, stage)


def main() -> None:
    with stack() as target:
        stage = set_up(target)
        generator = "wrk" if shutil.which("wrk") else "bench/generator.py"
        print(f"{os.cpu_count()} processors, {idle_share():.0%} idle before; {CLIENTS} clients by {generator}")
        print(f"messages, points to warehouse: {message_delays(target, stage)}\n{COLUMNS}", flush=True)
        found = []
        for row in rows(target, stage):
            found.append(row)
            print(row.text(), flush=True)
        reached = sum(row.ratio >= row.aim for row in found)
        print(f"{idle_share():.0%} idle after; {reached} of {len(found)} reach their aim")


if __name__ == "__main__":
    main()
