"""All folders of tests, two at a time: each in a process and on servers of its own, its output in one piece."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools.stack.layout import ROOT

AT_ONCE = 2
# Folders that take longer than all others, in parts of about one length. Servers are apart, because what one part
# leaves open in PostgreSQL keeps the seals of the other from closing: transactions are numbered for a whole server.
PARTS = {"points": ("tests/operations", "tests/model")}


@dataclass(frozen=True)
class Part:
    """Tests of one folder, with what pytest is told to take of it."""

    folder: str
    stand: str
    options: tuple[str, ...] = ()


def parts_of(folder: str) -> list[Part]:
    """Splits a long folder into what PARTS names and the rest."""
    if not (named := PARTS.get(folder)):
        return [Part(folder, folder)]
    rest = tuple(f"--ignore={path}" for path in named)
    return [Part(folder, f"{folder}-1", named), Part(folder, f"{folder}-2", rest)]


def run_all(folders: Iterable[str], options: Sequence[str]) -> list[str]:
    """Runs the tests of all folders, the long ones first; returns the names of those that failed."""
    parts = sorted((part for folder in folders for part in parts_of(folder)), key=lambda part: not part.options)
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        codes = list(pool.map(lambda part: _run(part, options), parts))
    return [part.stand for part, code in zip(parts, codes, strict=True) if code]


def _run(part: Part, options: Sequence[str]) -> int:
    began = time.monotonic()
    passed = f"--options={shlex.join([*part.options, *options])}"
    command = [sys.executable, "-m", "tools.run_tests", part.folder, f"--stand={part.stand}", passed]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"{done.stdout}--- {part.stand}: {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode
