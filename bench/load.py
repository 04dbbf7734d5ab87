"""Load from 16 connections that are kept alive: by wrk where there is one, else by bench/generator.py."""

import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.requests import ID, Request

CLIENTS = 16
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Measured:
    """What a run of load came to; times in milliseconds, `own_share` is the generator's part of all processors."""

    rate: float
    p50: float
    p99: float
    failed: int
    own_share: float


def load(url: str, requests: Sequence[Request], *, seconds: float) -> Measured:
    """Send these requests in turn, as fast as the answers come, for so long.

    :raises RuntimeError: the generator itself failed.
    """
    wrk = shutil.which("wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".plan") as plan:
        plan.write(_as_lua(url, requests) if wrk else json.dumps([request.text(url) for request in requests]))
        plan.flush()
        command = _wrk(wrk, url, seconds) if wrk else _generator(url, plan.name, seconds)
        env = {**os.environ, "BENCH_PLAN": plan.name, "BENCH_RUN": secrets.token_hex(3), "PYTHONPATH": str(HERE.parent)}
        before, begun = _own_seconds(), time.monotonic()
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        share = (_own_seconds() - before) / (time.monotonic() - begun) / (os.cpu_count() or 1)
    results = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if done.returncode or not results:
        raise RuntimeError(done.stderr + done.stdout)
    count, micros, refused, lost, p50, p99 = map(int, results[0])
    return Measured(count / micros * 1e6, p50 / 1000, p99 / 1000, refused + lost, share)


def _wrk(program: str, url: str, seconds: float) -> list[str]:
    return [program, "-t2", f"-c{CLIENTS}", f"-d{seconds:.0f}s", "--timeout", "10s", "-s", str(HERE / "load.lua"), url]


def _generator(url: str, plan: str, seconds: float) -> list[str]:
    address = urlsplit(url)
    return [sys.executable, "-m", "bench.generator", str(address.hostname), str(address.port or 80), plan, str(seconds)]


def _as_lua(url: str, requests: Sequence[Request]) -> str:
    """Write the plan as Lua: for each request the texts between its ids."""
    texts = (",".join(_lua_text(part) for part in request.text(url).split(ID)) for request in requests)
    return "return {" + ",\n".join(f"{{{parts}}}" for parts in texts) + "}"


def _lua_text(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\r", "\\r"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
