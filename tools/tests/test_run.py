"""What `make up` says at its end, and how `make ps` ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools import run
from tools.stack.layout import ROOT, State


@pytest.mark.parametrize(
    ("folder", "env_file", "down"),
    [
        (ROOT / ".run", ".env", "make down"),
        (ROOT / ".run/second", ".run/second/.env", f"STACK_STATE={ROOT}/.run/second make down"),
        (Path("/srv/a stack"), "/srv/a stack/.env", "STACK_STATE='/srv/a stack' make down"),
    ],
)
def test_each_stack_tells_its_own_settings_and_its_own_end(folder: Path, env_file: str, down: str) -> None:
    *_, flower, operator, last = run._where_to_go(State(folder), "http://127.0.0.1:8080", "o@example.com").splitlines()
    assert flower.endswith(f"FLOWER_BASIC_AUTH in {env_file}")
    assert operator == f"  operator: o@example.com, password: OPERATOR_PASSWORD in {env_file}"
    assert last.endswith(f"; {down} ends everything")


def test_the_list_ends_quietly_when_nobody_reads_it_any_more(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    env = {**os.environ, "STACK_STATE": str(tmp_path), "STACK": "native"}
    command = [sys.executable, "-m", "tools.run", "ps"]
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")
