"""Which refusals the tests of a folder reached: `.venv/bin/python -m tools.reached auth` tells which declared ones
they did not, in the tests that ran since the last `make test s=auth`.

With `--observed` it tells what each operation answered beyond its doors, declared or not, to write `refuses=(…)` from.
"""

import argparse
import shutil
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from tools.stack.layout import PACKAGES, ROOT

# The folders whose tests ask operations; those of tools and of the gateway ask none.
WITH_OPERATIONS = (*PACKAGES, "shared")


def folder_of(name: str) -> Path:
    """Where the tests of a folder write what they reached."""
    return ROOT / ".run" / "reached" / name


def begin_anew(names: Iterable[str]) -> None:
    """Removes what earlier runs reached: before a run of all tests of these folders."""
    for name in names:
        shutil.rmtree(folder_of(name), ignore_errors=True)


def missing(name: str) -> list[str]:
    """The refusals that a folder's operations declare themselves and no test reached, as `METHOD route code`."""
    declared = {tuple(fields) for fields in _lines(name, "declared")}
    reached = {(operation, code) for operation, code, *_ in _lines(name, "*.reached")}
    return sorted(" ".join(pair) for pair in declared - reached)


def unrecorded(names: Collection[str]) -> list[str]:
    """Names the folders with operations of which no run of tests is recorded, and prints how to make one."""
    found = [name for name in WITH_OPERATIONS if name in names and not (folder_of(name) / "declared").is_file()]
    for name in found:
        print(f"{name}: no run recorded: make test s={name} first")
    return [f"{name} (no run recorded)" for name in found]


def lacking(names: Collection[str]) -> list[str]:
    """Names the folders of which no run is recorded, or in which a declared refusal was never reached; prints each
    such refusal.
    """
    if unknown := unrecorded(names):
        return unknown
    found = {name: missing(name) for name in names}
    for name, refusals in found.items():
        for refusal in refusals:
            print(f"{name}: no test reaches {refusal}")
    return [f"{name} (refusals never reached)" for name, refusals in found.items() if refusals]


def observed(name: str) -> list[str]:
    """What each operation was seen to refuse itself: `METHOD route (view): code Class, …`."""
    found: dict[str, set[str]] = defaultdict(set)
    for operation, code, error, view, place in _lines(name, "*.reached"):
        if place == "own":
            found[f"{operation} ({view})"].add(f"{code} {error}")
    return [f"{operation}: {', '.join(sorted(codes))}" for operation, codes in sorted(found.items())]


def _lines(name: str, files: str) -> list[list[str]]:
    return [line.split("\t") for file in folder_of(name).glob(files) for line in file.read_text().splitlines()]


def main(*options: str) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=WITH_OPERATIONS)
    parser.add_argument("--observed", action="store_true")
    arguments = parser.parse_args(options)
    if not arguments.observed:
        return 1 if lacking([arguments.name]) else 0
    if unrecorded([arguments.name]):
        return 1
    print("\n".join(observed(arguments.name)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
