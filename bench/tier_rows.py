"""The end of a period of tiers, for many members at once."""

import os
from collections.abc import Iterator
from typing import Any

from bench.points_process import in_points
from bench.stage import API, Stage
from bench.table import Row
from tools.drills.processes import Processes
from tools.target import Native

PROMISED = 5_000
_TIERS = {
    "metric": "points",
    "window": {"kind": "rolling", "days": 30},
    "tiers": [{"code": "gold", "name": "Gold", "enter": 100}],
}


def tier_rows(target: Native, stage: Stage) -> Iterator[Row]:
    """Yield the run over $BENCH_TIER_MEMBERS members whose period is over, beside what is promised and a tenth."""
    count = int(os.environ.get("BENCH_TIER_MEMBERS", "200000"))
    # The beat would judge some of them; nobody knows of the members that the messages are about.
    with Processes(target).frozen("points-beat", "warehouse-beat", "warehouse-worker"):
        few, many = (_judged(target, stage, members) for members in (count // 10, count))
    times = f"{many['seconds']:.1f} s; half of them fall; the process grows by {many['megabytes']:.0f} MB"
    what = f"a period's end for {count:,} members"
    yield Row(f"{what}; what is promised", _rate(many), PROMISED, 1.00, times)
    grows = f"; by {few['megabytes']:.0f} MB at a tenth"
    yield Row(f"{what}; for a tenth", _rate(many), _rate(few), 0.83, times + grows)


def _judged(target: Native, stage: Stage, count: int) -> dict[str, Any]:
    terms = {"currency": "EUR", "timezone": "UTC", "lot_days": 365}
    programme = str(stage.operator.post(f"{API}/programmes", {"name": "Judged", **terms}).value["id"])
    stage.operator.put(f"{API}/programmes/{programme}/tiers", {"document": _TIERS})
    in_points(target, "stood", programme, str(count))
    found = in_points(target, "judged")
    assert found["judged"] == count, found
    return found


def _rate(found: dict[str, Any]) -> float:
    return float(found["judged"] / found["seconds"])
