"""The journeys of tests-e2e/ against a stack of their own, fresh and gone afterwards.

`python -m tools.journeys native`, or `compose`; options of pytest may follow.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tools import compose, e2e, logged
from tools.make_env import write_env
from tools.stack import cli, ports, unprivileged
from tools.stack.layout import ROOT, State
from tools.target import running

PRINTED = "journeys.txt"


def natively(*options: str) -> int:
    """Runs them on processes of this machine, under .run/journeys."""
    state = fresh("journeys", "native")
    try:
        return cli.up(state) or _journeys(state, *options)
    finally:
        cli.down(state)


def in_docker(*options: str) -> int:
    """Runs them in a compose project of their own, whose volumes go with it."""
    state = fresh("journeys-docker", "compose")
    code = 1
    with a_port_of_its_own(state):
        try:
            code = compose.up(state) or _journeys(state, *options)
            return code
        finally:
            if code:
                compose.compose(state, "ps", "--all")
                compose.compose(state, "logs", "--no-color", "--tail", "30")
            compose.compose(state, "--progress", "quiet", "down", "--volumes", "--remove-orphans")
            if code:
                _say_again_what_failed(state)


def fresh(name: str, kind: str) -> State:
    """An empty state folder, which everything called from here takes for the stack's."""
    os.environ.update({"STACK_STATE": str(ROOT / ".run" / name), "STACK": kind, e2e.CLOCK_MAY_MOVE: "yes"})
    state = State.default()
    cli.down(state)
    shutil.rmtree(state.folder, ignore_errors=True)
    unprivileged.delete_home(state)
    state.make()
    write_env(state.env_file)
    return state


@contextmanager
def a_port_of_its_own(state: State) -> Iterator[int]:
    """Writes a port into the settings that nobody has, nor another stack is given until the block ends."""
    with ports.claimed(state.folder / "ports.json", ["gateway"]) as chosen:
        text = re.sub(r"(?m)^GATEWAY_PORT=.*$", f"GATEWAY_PORT={chosen['gateway']}", state.env_file.read_text())
        state.env_file.write_text(text)
        yield chosen["gateway"]


def _journeys(state: State, *options: str) -> int:
    """Every journey, and then the logs: a refusal that something tried again got over is a fault all the same."""
    code = e2e.main(*options, copy_to=state.folder / PRINTED)
    said = logged.unexpected(running())
    print(*(f"nobody expects this in a log: {line}" for line in said), sep="\n", flush=True)
    return code or int(bool(said))


def _say_again_what_failed(state: State) -> None:
    """The end of what pytest printed, as the last thing on the screen: the containers' logs are long."""
    if (printed := state.folder / PRINTED).exists():
        print("\nThe journeys failed:", *printed.read_text().splitlines()[-80:], sep="\n", flush=True)
    else:
        print("\nThe stack did not come up: see the first container above that is not healthy.", flush=True)


KINDS = {"native": natively, "compose": in_docker}

if __name__ == "__main__":
    sys.exit(KINDS[sys.argv[1]](*sys.argv[2:]))
