"""Does the model find bugs? Plants them one at a time in a copy of the package: `make mutants` prints a table.

A mutant is a piece of the rules' text and what is put in its place. Text that is not there any more, or is there twice,
is an error: the mutant must be written anew with the code it is about.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.model.search import DISAGREES

FOLDER = Path(__file__).parents[2]
RUNS, STEPS, SEED = 200, 80, 20260301


class StaleMutantError(Exception):
    """The text that a mutant replaces is not in the source exactly once."""


@dataclass(frozen=True)
class Mutant:
    """A bug: in which file which text becomes which."""

    name: str
    file: str
    old: str
    new: str

    def plant(self, package: Path) -> None:
        """Write the bug into a copy of the package.

        :raises StaleMutantError: the text to replace is not there exactly once.
        """
        path = package / self.file
        source = path.read_text()
        if source.count(self.old) != 1:
            raise StaleMutantError(
                f"{self.name}: {self.file} has {self.old!r} {source.count(self.old)} times, not once"
            )
        path.write_text(source.replace(self.old, self.new))


DUE = "ledger/rules/due.py"
LOTS, POSTINGS, HOLDS = "ledger/rules/lots.py", "ledger/rules/postings.py", "ledger/rules/holds.py"
TRANSFERS, PURCHASES, RETURNS = "ledger/rules/transfers.py", "ledger/rules/purchases.py", "ledger/rules/returns.py"
PROGRAMMES, EXPIRY = "programmes/rules/__init__.py", "programmes/rules/expiry.py"
_ORDER = "return lot.expires_at or _NEVER, lot.number"
_OWED = "owed = min(points, -account.buckets["
_PAID = 'paid = min(posting.points, -account.buckets["deficit"])'
_BACK = 'give_back(account, found.points - found.captured, "held", rest)'
_ONE_LINE = "cumulative_share(line.points, returned=returned, total=line.amount)"
MUTANTS = [
    Mutant("of lots that end together the youngest pays", LOTS, _ORDER, _ORDER.replace("lot.number", "-lot.number")),
    Mutant("never-ending lots pay first", LOTS, _ORDER, _ORDER.replace("_NEVER", "datetime.min.replace(tzinfo=UTC)")),
    Mutant("points are alive at the instant they end", LOTS, "lot.expires_at > at", "lot.expires_at >= at"),
    Mutant(
        "a spend is granted in part", LOTS, "    if missing:\n        raise", "    if missing == points:\n        raise"
    ),
    Mutant("what comes back pays no debt", LOTS, _OWED, _OWED.replace("min(points", "min(0")),
    Mutant(
        "what comes back goes to the wrong lots",
        LOTS,
        "_, gives = split(spent, owed)",
        "gives, _ = split(spent, points - owed)",
    ),
    Mutant("an earning pays no debt", POSTINGS, _PAID, _PAID.replace("posting.points", "0")),
    Mutant(
        "a lot ends while it lives", POSTINGS, "and lot.remaining and not is_alive(lot, at=at)]", "and lot.remaining]"
    ),
    Mutant("a return takes from other lots first", RETURNS, "[*own, *others]", "[*others, *own]"),
    Mutant(
        "a return counts on dead points",
        RETURNS,
        "for lot in lots if is_alive(lot, at=at))",
        "for lot in lots)",
    ),
    Mutant("a cause named twice in a list acts twice", POSTINGS, "seen[posting.source_key] = decided", "pass"),
    Mutant(
        "a key stands for any number of points", POSTINGS, "before.points != abs(posting.points)", "before.points < 0"
    ),
    Mutant("a reversal is booked as a return", POSTINGS, "counter = COUNTERS[original.kind]", 'counter = "returned"'),
    Mutant("a balance may outgrow the ledger", POSTINGS, "-LARGEST_BALANCE or", "-2 * LARGEST_BALANCE or"),
    Mutant("a hold holds at the instant it ends", HOLDS, "hold.expires_at <= at", "hold.expires_at < at"),
    Mutant(
        "a capture spends the last points of a hold",
        HOLDS,
        "split(hold.lots, hold.captured)[0]",
        "split(hold.lots, hold.points - hold.captured)[1]",
    ),
    Mutant(
        "a release gives back what was captured too",
        HOLDS,
        _BACK,
        'give_back(account, found.points, "held", found.lots)',
    ),
    Mutant(
        "a closed hold is captured again",
        HOLDS,
        "found = open_or_refuse(_named(account, posting), at=at)",
        "found = _named(account, posting)",
    ),
    Mutant("holds whose time has passed stay", DUE, "if is_overdue(one, at=at)", "if False"),
    Mutant(
        "a transfer loses the ends of points",
        TRANSFERS,
        "Lot(new_id(), count, at, number, on)",
        "Lot(new_id(), count, None, number, None)",
    ),
    Mutant(
        "a transfer pays debts with the last points", TRANSFERS, "split(arrived, paid)[1]", "split(arrived, left)[0]"
    ),
    Mutant(
        "a returned share is rounded down",
        PURCHASES,
        "(2 * points * returned + total) // (2 * total)",
        "points * returned // total",
    ),
    Mutant(
        "shares of returns are not cumulative",
        PURCHASES,
        _ONE_LINE,
        "line.points_returned + cumulative_share(line.points, returned=amount, total=line.amount)",
    ),
    Mutant(
        "the last refund leaves what rounding left", PURCHASES, "left if returned >= purchase.amount else min", "min"
    ),
    Mutant(
        "an amount earns points rounded up",
        PROGRAMMES,
        "amount * programme.earn_points // programme.earn_amount",
        "-(-amount * programme.earn_points // programme.earn_amount)",
    ),
    Mutant("points end a day early", EXPIRY, "timedelta(days=policy.count)", "timedelta(days=policy.count - 1)"),
    Mutant(
        "points end at midnight in Greenwich", EXPIRY, "time.min, ZoneInfo(timezone))", 'time.min, ZoneInfo("UTC"))'
    ),
    Mutant(
        "four eyes are needed at the limit already",
        PROGRAMMES,
        "> programme.adjustment_limit",
        ">= programme.adjustment_limit",
    ),
]


def is_found(mutant: Mutant | None) -> bool:
    """Play the model on a copy of the package with this bug, or with none; tell whether it found something.

    :raises StaleMutantError: the text to replace is not there exactly once.
    :raises RuntimeError: the copy does not even run.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(FOLDER / "points", f"{folder}/points", ignore=shutil.ignore_patterns("__pycache__"))
        if mutant:
            mutant.plant(Path(folder, "points"))
        options = ("--runs", str(RUNS), "--steps", str(STEPS), "--seed", str(SEED))
        command = (sys.executable, "-m", "tests.model.search", *options)
        # The copy's `points` is found first; `tests` is ours.
        env = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{FOLDER}", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    if done.returncode not in (0, DISAGREES):
        raise RuntimeError(f"{mutant and mutant.name}: {done.stderr[-2000:]}")
    return done.returncode == DISAGREES


def main() -> None:
    """Print what became of each mutant; fail when one lives."""
    living = 0
    for mutant in [None, *MUTANTS]:
        began = time.monotonic()
        found = is_found(mutant)
        right = found == (mutant is not None)
        living += not right
        name = mutant.name if mutant else "no bug at all"
        verdict = "found" if found else "nothing found"
        print(
            f"{'ok    ' if right else 'FAILED'} {name:<50} {verdict:<14} {time.monotonic() - began:5.1f} s", flush=True
        )
    sys.exit(f"{living} of {len(MUTANTS)} are wrong" if living else 0)


if __name__ == "__main__":
    main()
