"""The stack that is attacked: processes of this machine with a state folder, ports and secrets of their own."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.drills.proof import SETTLED_AFTER_SECONDS
from tools.journeys import fresh
from tools.stack import cli
from tools.target import Native

# What is attacked are the services' own limits: the gateway's on requests would hide them, and keep the races apart.
SETTINGS = {
    "RATE_PER_ADDRESS": "1000000r/s",
    "SIGN_IN_RATE_PER_ADDRESS": "10000r/s",
    "MESSAGE_SETTLED_AFTER_SECONDS": str(SETTLED_AFTER_SECONDS),
}


@contextmanager
def stack() -> Iterator[Native]:
    """Yield a fresh stack under .run/attack; it ends with the block, its data and logs stay to be looked at.

    :raises SystemExit: it did not start.
    """
    state = fresh("attack", "native")
    with state.env_file.open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in SETTINGS.items())
    try:
        if cli.up(state):
            raise SystemExit("the stack did not start")
        yield Native(state)
    finally:
        cli.down(state)
