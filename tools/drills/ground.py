"""The stack on which all drills run: processes of this machine with a state folder, ports and secrets of their own."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.drills.proof import SETTLED_AFTER_SECONDS
from tools.journeys import fresh
from tools.stack import cli
from tools.target import Native

SETTINGS = {
    "RATE_PER_ADDRESS": "1000000r/s",
    "SIGN_IN_RATE_PER_ADDRESS": "1000r/s",
    "MESSAGE_SETTLED_AFTER_SECONDS": str(SETTLED_AFTER_SECONDS),
}

# After a broker was away for long, Celery tries to reach it every 30 s only: a worker is not to be blamed for that.
HANGS_AFTER_SECONDS = {"short": 8, "long": 40}


@contextmanager
def stack(*, is_short: bool) -> Iterator[Native]:
    """Yield a fresh stack under .run/drills; it ends with the block, its data and logs stay to be looked at.

    :raises SystemExit: it did not start.
    """
    state = fresh("drills", "native")
    with state.env_file.open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in SETTINGS.items())
        file.write(f"WORKER_HANG_SECONDS={HANGS_AFTER_SECONDS['short' if is_short else 'long']}\n")
    try:
        if cli.up(state):
            raise SystemExit("the stack did not start")
        yield Native(state)
    finally:
        cli.down(state)
