"""Waiting for what is to become true, and the error that says a drill has failed."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE_SECONDS = 0.1
# Promised within seconds; the rest is room for a small machine on which all services start again.
PATIENCE_SECONDS = 240.0


class DrillFailed(Exception):
    """The system did not do what it promises, or the drill did not inject the fault that it is about."""


def must(holds: bool, otherwise: str) -> None:
    """Fail the drill unless something holds.

    :raises DrillFailed: with the text given.
    """
    if not holds:
        raise DrillFailed(otherwise)


def eventually(ask: Callable[[], T], what: str, *, seconds: float = PATIENCE_SECONDS) -> T:
    """Ask until the answer is true, and return it.

    :raises DrillFailed: it was not in time; the text has the last answer.
    """
    deadline = time.monotonic() + seconds
    while not (found := ask()):
        if time.monotonic() > deadline:
            raise DrillFailed(f"not {what} after {seconds:.0f} s: {found!r}")
        time.sleep(PAUSE_SECONDS)
    return found
