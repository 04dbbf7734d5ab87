"""The journeys of tests-e2e/ against a stack of their own, fresh and gone afterwards.

`python -m tools.journeys native`, or `compose`; options of pytest may follow.
"""

import os
import re
import shutil
import sys

from tools import compose
from tools.make_env import write_env
from tools.stack import cli, ports, unprivileged
from tools.stack.layout import ROOT, State


def natively(*options: str) -> int:
    """Runs them on processes of this machine, under .run/journeys."""
    state = _fresh("journeys", "native")
    try:
        return cli.up(state) or _journeys(*options)
    finally:
        cli.down(state)


def in_docker(*options: str) -> int:
    """Runs them in a compose project of their own, whose volumes go with it."""
    state = _fresh("journeys-docker", "compose")
    _take_a_free_port(state)
    code = 1
    try:
        code = compose.up(state) or _journeys(*options)
        return code
    finally:
        if code:
            compose.compose(state, "ps", "--all")
            compose.compose(state, "logs", "--no-color", "--tail", "30")
        compose.compose(state, "down", "--volumes", "--remove-orphans")


def _fresh(name: str, kind: str) -> State:
    """An empty state folder, which everything called from here takes for the stack's."""
    os.environ.update(STACK_STATE=str(ROOT / ".run" / name), STACK=kind)
    state = State.default()
    cli.down(state)
    shutil.rmtree(state.folder, ignore_errors=True)
    unprivileged.forget(state)
    state.make()
    write_env(state.env_file)
    return state


def _take_a_free_port(state: State) -> None:
    port = ports.choose(state.folder / "ports.json", ["gateway"])["gateway"]
    text = re.sub(r"(?m)^GATEWAY_PORT=.*$", f"GATEWAY_PORT={port}", state.env_file.read_text())
    state.env_file.write_text(text)


def _journeys(*options: str) -> int:
    from tools import e2e

    return e2e.main(*options)


KINDS = {"native": natively, "compose": in_docker}

if __name__ == "__main__":
    sys.exit(KINDS[sys.argv[1]](*sys.argv[2:]))
