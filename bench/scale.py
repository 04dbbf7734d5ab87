"""`python -m bench.scale`: does an operation take longer where there are ten times as many members?

Makes a ledger of $BENCH_SCALE_MEMBERS (1,000,000) members with ten entries each, on a PostgreSQL of its own that is
thrown away, and measures the operations there and at a tenth of it (20,000 members at least). Nothing else runs on that
server.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from bench.processors import idle_share
from bench.table import COLUMNS, Row
from tools.run_tests import servers
from tools.stack.layout import ROOT, VENV_BIN
from tools.stack.servers import as_owners

STAND = "scale"
# A quarter of this machine's memory, as PostgreSQL's manual has it for a server with tables of this size.
BUFFERS = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 4 // 2**20}MB"
AT_MOST = 1.2
POINTS = ROOT / "services/points"


def main() -> None:
    members = int(os.environ.get("BENCH_SCALE_MEMBERS", "1000000"))
    try:
        with servers(STAND, {"shared_buffers": BUFFERS, "autovacuum": "on"}) as env:
            _run(as_owners(env), "manage.py", "migrate", "--verbosity=0")
            few, many = (_measured(env, count) for count in (members // 10, members))
    finally:
        shutil.rmtree(ROOT / ".run" / f"test-{STAND}")
    print(COLUMNS)
    found = [_row(name, few[name], many[name]) for name in few]
    print("\n".join(row.text() for row in found))
    print(f"{sum(row.ratio >= row.aim for row in found)} of {len(found)} take at most {AT_MOST} times as long")


def _measured(env: Mapping[str, str], members: int) -> dict[str, float]:
    begun = time.monotonic()
    entries = _scale(as_owners(env), "grow", str(members))["entries"]  # with the triggers off
    print(f"{members:,} members with {entries:,} entries after {time.monotonic() - begun:.0f} s", flush=True)
    if members <= 100_000:
        _scale(env, "prove")
        print("the ledger is proven", flush=True)
    print(f"{idle_share():.0%} idle before", flush=True)
    return _scale(env, "measure", str(members), str(members))


def _row(name: str, few: float, many: float) -> Row:
    more = f"{many * 1000:.2f} ms = {many / few:.2f} x that of a tenth, {few * 1000:.2f} ms"
    return Row(name, 1 / many, 1 / few, 1 / AT_MOST, more)


def _scale(env: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run(env, str(ROOT / "bench/scale_database.py"), *arguments).splitlines()[-1])
    return found


def _run(env: Mapping[str, str], *arguments: str) -> str:
    settings = {**os.environ, **env, "PYTHONPATH": str(POINTS), "DJANGO_SETTINGS_MODULE": "points.config.settings"}
    done = subprocess.run(
        [str(VENV_BIN / "python"), *arguments], cwd=POINTS, env=settings, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


if __name__ == "__main__":
    main()
