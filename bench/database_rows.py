"""Work in bulk: batches and code jobs."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from uuid import uuid4

import requests

from bench.points_process import in_points
from bench.stage import API, Stage
from bench.table import Row
from tools.demo.caller import wait_for
from tools.drills.processes import Processes
from tools.target import Native

BATCH, CODES = 10_000, (1_000, 100_000)
PIECE = 8 * 1024 * 1024
_SHOES = {"field": "line.category", "op": "eq", "value": "shoes"}
# On paper in docs/points/rules.md.
TRIED = {
    "language": 1,
    "stacking": "all",
    "rules": [
        {"id": name, "name": name, "trigger": "purchase", "effect": effect, **more}
        for name, effect, more in (
            ("base", {"kind": "per_amount", "points": 1, "amount": 100}, {}),
            ("double-shoes", {"kind": "multiplier", "hundredths": 200}, {"lines": _SHOES}),
            ("welcome", {"kind": "fixed", "points": 100}, {"limits": [{"of": "uses", "most": 1, "per": "ever"}]}),
        )
    ],
}


def batch_rows(target: Native, stage: Stage) -> Iterator[Row]:
    """Yield the posting engine and the batch endpoint, both beside bare inserts of the same rows."""
    found = in_points(target, "batch")
    limit = BATCH / median(found["bare"])
    yield Row("batch of 10,000, the posting engine", BATCH / median(found["engine"]), limit, 0.50, _times(found))
    seconds = [_post_batch(target, stage) for _ in range(3)]
    times = f"{median(seconds) * 1000:.0f} ms; JSON, checks, key and answer included"
    yield Row("batch of 10,000, POST /points/batches", BATCH / median(seconds), limit, 0.30, times)


def pgledger_rows(target: Native) -> Iterator[Row]:
    """Yield single postings beside pgledger's transfers, where `$PGLEDGER_SQL` names its files."""
    if files := os.environ.get("PGLEDGER_SQL"):
        # Few messages are carried meanwhile: pgledger has none. A relay that sleeps would be woken by each commit.
        with Processes(target).frozen("warehouse-worker", "points-beat"):
            found = in_points(target, "pgledger", *(str(Path(file).resolve()) for file in files.split(os.pathsep)))
        for clients, rates in found.items():
            ours, theirs, whole = (median(rates[name]) for name in ("sql", "bare", "engine"))
            more = f"lots and outbox included; rounds {_turns(rates)}; with the engine's Python {whole / theirs:.2f}"
            yield Row(f"SQL of an earning, clients: {clients}; pgledger's transfer", ours, theirs, 1.00, more)


def hot_row(target: Native) -> Row:
    """Earnings of one member by four clients beside those of as many members."""
    found = in_points(target, "hot")
    turns = " ".join(f"{one / many:.2f}" for one, many in zip(found["hot"], found["spread"], strict=True))
    hot, spread = median(found["hot"]), median(found["spread"])
    return Row("earnings of one hot member; of 400 members", hot, spread, 0.70, f"4 clients; rounds {turns}")


def _turns(rates: dict[str, list[float]]) -> str:
    return " ".join(f"{ours / theirs:.2f}" for ours, theirs in zip(rates["sql"], rates["bare"], strict=True))


def code_rows(target: Native, stage: Stage) -> Iterator[Row]:
    """Yield code jobs, from the request until they are done, beside COPY of the same rows."""
    for count in CODES:
        campaign = _campaign(stage)
        begun = time.monotonic()
        made = stage.operator.post(f"{API}/vouchers/campaigns/{campaign}/codes", {"count": count}, expect=202)
        path = f"{API}/vouchers/jobs/{made.value['id']}"
        wait_for(lambda path=path: stage.operator.get(path).value["state"], "done", "the code job")  # type: ignore[misc]
        took = time.monotonic() - begun
        limit = median(in_points(target, "codes", campaign)["copy"])
        yield Row(
            f"job of {count:,} voucher codes", count / took, count / limit, 0.50, f"{took:.2f} s, COPY {limit:.2f} s"
        )


def import_rows(target: Native, stage: Stage) -> Iterator[Row]:
    """Yield the commit of an import of $BENCH_IMPORT_ROWS rows beside bare inserts of the rows that it writes, measured
    before it and after it."""
    count = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))
    # What the row before it published is carried first: the relay would share the processors with the import.
    in_points(target, "drain")
    bare = in_points(target, "bare")
    import_id, validation = validated_import(stage, count)
    # The bare rows' messages are acted on by nobody, and the rows not sealed, either.
    with Processes(target).frozen("warehouse-worker", "points-beat", "warehouse-beat"):
        commit = commit_import(stage, import_id)
    begun = time.monotonic()
    in_points(target, "drain")
    arrived = time.monotonic() - begun
    limit = bare["postings"] / median(bare["bare"] + in_points(target, "bare")["bare"])
    times = (
        f"{commit:.1f} s, from the request until done; validated in {validation:.1f} s;"
        f" all published {arrived:.1f} s later"
    )
    yield Row(f"import of {count:,} rows, the commit", count / commit, limit, 0.50, times)


def expiry_rows(target: Native, stage: Stage) -> Iterator[Row]:
    """Yield a run that expires $BENCH_EXPIRY_LOTS lots beside one bare statement that does the same."""
    # Those that just ended wait for the run: expire-points would take some of them, each ten minutes.
    with Processes(target).frozen("points-beat", "warehouse-beat"):
        in_points(target, "lots_to_end", os.environ.get("BENCH_EXPIRY_LOTS", "100000"))
        row = _expiry_row(target, stage)
    yield row


def _expiry_row(target: Native, stage: Stage) -> Row:
    # The statement's messages are acted on by nobody, and its rows not sealed, either.
    with Processes(target).frozen("warehouse-worker"):
        found = in_points(target, "expiry")
        begun = time.monotonic()
        run = stage.operator.post(f"{API}/points/expiry-runs", {}, expect=202).value["id"]
        path = f"{API}/points/expiry-runs/{run}"
        wait_for(lambda: stage.operator.get(path).value["state"], "done", "the expiry run", seconds=3600)
        took = time.monotonic() - begun
    ended = stage.operator.get(path).value
    lots, bare = found["lots"], found["bare"]
    assert (ended["done"], ended["points"]) == (lots, found["points"]), "both end the same points"
    times = f"{took:.1f} s, from the request until done; bare {bare:.1f} s"
    return Row(f"expiry of {lots:,} lots, the run", lots / took, lots / bare, 0.50, times)


def backtest_row(target: Native, stage: Stage) -> Row:
    """Return a backtest of three rules over $BENCH_BACKTEST_PURCHASES purchases beside what is promised."""
    count = int(os.environ.get("BENCH_BACKTEST_PURCHASES", "100000"))
    terms = {"currency": "EUR", "timezone": "Europe/Berlin", "earn_points": 1, "earn_amount": 100, "lot_days": 365}
    programme = str(stage.operator.post(f"{API}/programmes", {"name": "Tried", **terms}).value["id"])
    path = f"{API}/programmes/{programme}/rules"
    version = stage.operator.post(path, {"document": TRIED}, expect=201).value["version"]
    in_points(target, "bought", programme, str(count))
    begun = time.monotonic()
    span = {"from": "2025-03-01T00:00:00Z", "to": "2025-04-01T00:00:00Z"}
    path = f"{path}/{version}/backtests"
    path = f"{path}/{stage.operator.post(path, span, expect=202).value['id']}"
    wait_for(lambda: stage.operator.get(path).value["state"], "done", "the backtest", seconds=3600)
    took, done = time.monotonic() - begun, stage.operator.get(path).value
    assert (done["done"], done["result"]["members"]["losers"]) == (count, 0), done["result"]
    times = f"{took:.1f} s, from the request until done; three rules, two lines each"
    return Row(f"backtest of {count:,} purchases; what is promised", count / took, 20_000, 1.00, times)


def validated_import(stage: Stage, count: int) -> tuple[str, float]:
    """Upload a file of so many rows, each of a new member; return the import and how long its validation took."""
    lines = ["Card,Points", *(f"{uuid4()},10" for _ in range(count)), ""]
    import_id = _uploaded(stage, "\n".join(lines).encode())
    return import_id, _pass(stage, import_id, "validate", "validated")


def commit_import(stage: Stage, import_id: str) -> float:
    """Post a validated import's rows; return how many seconds it takes."""
    return _pass(stage, import_id, "commit", "done")


def _uploaded(stage: Stage, content: bytes) -> str:
    body = {"name": "Bench", "columns": {"member_id": "Card", "points": "Points"}, "constants": {"kind": "earn"}}
    import_id = str(stage.operator.post(f"{API}/points/imports", body, expect=201).value["id"])
    for offset in range(0, len(content), PIECE):
        answer = requests.put(
            f"{stage.url}{API}/points/imports/{import_id}/content?offset={offset}",
            data=content[offset : offset + PIECE],
            headers={"Authorization": f"Bearer {stage.operator.token}", "Content-Type": "text/csv"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
    return import_id


def _pass(stage: Stage, import_id: str, move: str, until: str) -> float:
    """Return how many seconds a pass over an import's file takes, from the request until it is done."""
    path = f"{API}/points/imports/{import_id}"
    begun = time.monotonic()
    stage.operator.post(f"{path}/{move}", {}, expect=202)
    wait_for(lambda: stage.operator.get(path).value["state"], until, f"the import's {move}", seconds=3600)
    return time.monotonic() - begun


def _post_batch(target: Native, stage: Stage) -> float:
    """Post a batch as a caller would, after the messages of the one before are gone, as the engine's rounds do."""
    in_points(target, "drain")
    line = {"kind": "earn", "points": 10, "reason": "bench"}
    postings = [{**line, "member_id": str(uuid4()), "key": str(uuid4())} for _ in range(BATCH)]
    begun = time.monotonic()
    answer = stage.operator.post(f"{API}/points/batches", {"postings": postings}, expect=200)
    took = time.monotonic() - begun
    assert all(result["status"] == "posted" for result in answer.value["results"])
    return took


def _campaign(stage: Stage) -> str:
    worth = {"kind": "percent", "percent": 10, "ends_at": "2099-01-01T00:00:00Z"}
    return str(stage.operator.post(f"{API}/vouchers/campaigns", {"name": "Bench", **worth}).value["id"])


def _times(found: dict[str, list[float]]) -> str:
    engine, bare = (" ".join(f"{one * 1000:.0f}" for one in found[name]) for name in ("engine", "bare"))
    return f"ms: engine {engine}, bare {bare}"
