"""Tests of one service, of shared or of tools, on servers of their own.

`python -m tools.run_tests points --options '-k earn'`
"""

import argparse
import fcntl
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tools import lanes, reached
from tools.stack import ports
from tools.stack.layout import PACKAGES, ROOT, VENV_BIN, State
from tools.stack.postgres import ServerRefused
from tools.stack.servers import Servers, servers_for_tests
from tools.stack.supervisor import NotReady, Supervisor, end_leftovers

NOTHING_COLLECTED = 5
FOLDERS = {
    **{service: f"services/{service}" for service in PACKAGES},
    "shared": "shared",
    "tools": "tools",
    "gateway": "gateway",
}


@contextmanager
def servers(name: str, options: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Runs PostgreSQL, with settings of its own, and Redis for tests under .run/test-<name>; yields the settings that
    lead to them.

    One at a time for each name: a second run waits for the first.
    """
    state = State(ROOT / ".run" / f"test-{name}")
    state.make()
    with open(state.folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        end_leftovers(state)
        with ports.claimed(state.folder / "ports.json", ("db", "broker", "auth-web")) as chosen:
            yield from _running(state, servers_for_tests(state, chosen, options))


def _running(state: State, stand: Servers) -> Iterator[dict[str, str]]:
    supervisor = Supervisor(state, say=lambda _: None)
    try:
        supervisor.start(stand.prepare())
        stand.provision(files="service.sql tests.sql")
        yield stand.env
    finally:
        supervisor.stop()


def run_pytest(name: str, env: Mapping[str, str], options: list[str]) -> int:
    """Runs the tests of one folder with the environment's settings; no tests at all is no failure."""
    folder = ROOT / FOLDERS[name]
    if not list(folder.rglob("test_*.py")):
        print(f"{name}: no tests yet")
        return 0
    command = [str(VENV_BIN / "python"), "-m", "pytest", *options]
    variables = {"PYTHONPATH": str(ROOT), "REACHED_DIR": str(reached.folder_of(name))}
    code = subprocess.run(command, cwd=folder, env={**os.environ, **env, **variables}).returncode
    return 0 if code == NOTHING_COLLECTED and not options else code


def run(name: str, options: list[str], *, stand: str = "") -> int:
    """Tests one folder on servers of its own, those of `stand`; returns pytest's code."""
    print(f"--- tests of {stand or name}", flush=True)
    if name == "gateway":
        return run_pytest(name, {}, options)  # it brings its own nginx and upstreams
    try:
        with servers(stand or name) as env:
            return run_pytest(name, env, options)
    except (NotReady, ServerRefused) as problem:
        print(f"the servers for the tests of {name} did not start: {problem}")
        return 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*FOLDERS, []], help="all where none is given, two at a time")
    parser.add_argument("--options", default="", help="options for pytest, as one text")
    parser.add_argument("--stand", default="", help="the name of the servers, where it is not that of the folder")
    arguments = parser.parse_args()
    options = shlex.split(arguments.options)
    names = arguments.names or list(FOLDERS)
    is_whole = not options and not arguments.stand
    if is_whole:
        reached.begin_anew(names)
    if arguments.names:
        failed = [name for name in arguments.names if run(name, options, stand=arguments.stand)]
    else:
        failed = lanes.run_all(FOLDERS, options)
    if is_whole and not failed:
        failed = reached.lacking(names)
    sys.exit(f"tests failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
