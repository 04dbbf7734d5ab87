"""`make up`, `fresh`, `down`, `ps` and `logs`: in Docker where an engine answers, else natively.

`STACK=native` or `STACK=compose` decides otherwise.
"""

import os
import sys
from signal import SIG_DFL, SIGPIPE, signal

from tools import compose
from tools.stack import cli, usage, wiping
from tools.stack.layout import COMPOSE, NATIVE, State, asked


def kind(state: State) -> str:
    """How the stack runs, or how it is to be started: as asked, as it runs already, or as the machine allows.

    :raises SystemExit: what was asked is not to be had here.
    """
    wanted = asked()
    if wanted == NATIVE or (not wanted and cli.is_up(state)):
        return NATIVE
    obstacle = compose.obstacle()
    if obstacle and wanted:
        sys.exit(f"{obstacle}. {compose.GO_ON}")
    if obstacle and obstacle != compose.NO_ENGINE:
        print(f"{obstacle}: going on without Docker", flush=True)
    return NATIVE if obstacle else COMPOSE


def up(state: State) -> int:
    """Starts the stack, makes the operator's account, and says what to open."""
    how = kind(state)
    print(f"starting the stack {'in Docker' if how == COMPOSE else 'natively'}", flush=True)
    if code := (compose.up if how == COMPOSE else cli.up)(state):
        print("the stack did not start; docs/operations.md says what to look at")
        if how == COMPOSE:
            print(compose.refusal(state) or compose.GO_ON)
        return code
    os.environ["STACK"] = how
    from tools.target import make_operator, running

    target = running()
    make_operator(target)
    print(_where_to_go(state, target.url, target.settings["OPERATOR_EMAIL"]))
    return 0


def _where_to_go(state: State, url: str, operator: str) -> str:
    return f"""
  {url}/          the portal
  {url}/docs/     the APIs of all services, to read and to try
  {url}/flower/points/    workers and queues (and auth, payments, warehouse); FLOWER_BASIC_AUTH in {state.env_name}
  operator: {operator}, password: OPERATOR_PASSWORD in {state.env_name}
  {state.typed("demo")} plays a purchase; {state.typed("down")} ends everything"""


def down(state: State) -> int:
    """Ends the stack, however it was started; its data stays."""
    wanted = asked()
    in_docker = kind(state) == COMPOSE if wanted else compose.is_there(state)
    code = cli.down(state) if wanted != COMPOSE else 0
    if in_docker:
        code = compose.down(state) or code
    return code


def fresh(state: State) -> int:
    """Deletes the data of the stack that `up` would start, after saying what goes, and starts it anew."""
    how = kind(state)
    os.environ["STACK"] = how
    gone = compose.volumes(state) if how == COMPOSE else wiping.names(state)
    print(f"deleting {', '.join(gone) or 'nothing'} of {_whose(state, how)}; {state.env_name} stays", flush=True)
    if code := down(state):
        return code
    if code := compose.wipe(state) if how == COMPOSE else wiping.wipe(state):
        return code
    return up(state)


def _whose(state: State, how: str) -> str:
    return f"the project {compose.project(state)}" if how == COMPOSE else str(state.folder)


def ps(state: State) -> int:
    """Lists the processes; natively also what each kind of them takes, where the system tells."""
    signal(SIGPIPE, SIG_DFL)  # `make ps | head` ends as other programs do
    if kind(state) == COMPOSE:
        return compose.ps(state)
    code, report = cli.ps(state), cli.status(state)
    if report["phase"] != "down" and usage.is_known():
        print("", *usage.table(usage.usage(report, seconds=1)), sep="\n")
    return code


def logs(state: State, part: str = "") -> int:
    return (compose.logs if kind(state) == COMPOSE else cli.logs)(state, part)


COMMANDS = {"up": up, "fresh": fresh, "down": down, "ps": ps, "logs": logs}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](State.default(), *sys.argv[2:]))
