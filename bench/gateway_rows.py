"""Single requests through the gateway, each beside a view that does nothing behind the same gateway, or beside the same
with less to do."""

from collections.abc import Iterator, Sequence
from statistics import mean

from bench.load import Measured, load
from bench.requests import Request
from bench.stage import NOOP_GET, NOOP_POST, Stage, drained
from bench.table import Row
from tools.drills.processes import Processes
from tools.stack.layout import PACKAGES
from tools.target import Native

ROUNDS = 2
BEATS = tuple(f"{service}-beat" for service in PACKAGES)


# A name, the requests, those beside them, and the ratio that is promised.
_Pair = tuple[str, Sequence[Request], Sequence[Request], float]


def gateway_rows(target: Native, stage: Stage, *, seconds: float) -> Iterator[Row]:
    """Yield single requests beside a view that does nothing."""
    rows: list[_Pair] = [
        ("one earn", stage.earn(), NOOP_POST, 0.30),
        ("one redeem", stage.redeem(), NOOP_POST, 0.30),
        ("one wallet payment, created and confirmed", stage.pay(), NOOP_POST, 0.30),
        ("one balance read", stage.balance(), NOOP_GET, 0.60),
    ]
    yield from _measured(target, stage, rows, seconds)


def purchase_rows(target: Native, stage: Stage, *, seconds: float) -> Iterator[Row]:
    """Yield purchases with more to ask beside purchases with less."""
    rows: list[_Pair] = [
        ("one purchase with 100 rules / with 1", stage.purchase(100), stage.purchase(1), 0.80),
        ("one purchase with a budget of each member / with none", stage.purchase(1, "member"), stage.purchase(1), 0.90),
        (
            "one purchase with a budget for all / of each member",
            stage.purchase(1, "all"),
            stage.purchase(1, "member"),
            0.60,
        ),
        ("one purchase with tiers, which a rule asks / with none", stage.in_tiers(), stage.purchase(1), 0.90),
        (
            "one purchase in tiers: a rule asks for the tier / none does",
            stage.in_tiers(),
            stage.in_tiers(asked=False),
            0.95,
        ),
    ]
    yield from _measured(target, stage, rows, seconds)


def _measured(target: Native, stage: Stage, rows: Sequence[_Pair], seconds: float) -> Iterator[Row]:
    """Yield the rows; limit and figure take turns, so that a slow moment meets both, and each begins with no message
    under way."""
    for name, requests, nothing, aim in rows:
        load(stage.url, requests, seconds=1)
        limits, found = [], []
        # Jobs over all of a day's facts begin every few seconds, whatever is measured then.
        with Processes(target).frozen(*BEATS):
            for _ in range(ROUNDS):
                drained(target)
                limits.append(load(stage.url, nothing, seconds=seconds))
                found.append(load(stage.url, requests, seconds=seconds))
        yield Row(name, _rate(found), _rate(limits), aim, _more(found, limits))


def _rate(runs: Sequence[Measured]) -> float:
    return mean(run.rate for run in runs)


def _more(found: Sequence[Measured], limits: Sequence[Measured]) -> str:
    p50, p99 = mean(run.p50 for run in found), mean(run.p99 for run in found)
    slower = p99 / mean(run.p99 for run in limits)
    failed = sum(run.failed for run in [*found, *limits])
    each = " ".join(f"{one.rate / limit.rate:.2f}" for one, limit in zip(found, limits, strict=True))
    own = max(run.own_share for run in [*found, *limits])
    text = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms = {slower:.1f} x the limit's; rounds {each}; generator {own:.0%} CPU"
    return text + (f"; {failed} FAILED" if failed else "")
