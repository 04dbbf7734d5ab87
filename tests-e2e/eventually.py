"""Waiting for what the system promises to do in a moment: ask until it is so, never sleep and hope."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# Promised within seconds; the rest is room for a busy machine.
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.05


def eventually(ask: Callable[[], T], wanted: T | Callable[[T], bool], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Ask until the answer is the wanted one (or the function says it is) and return it.

    :raises AssertionError: it was not in time; the text has the last answer.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = ask()
        if wanted(found) if callable(wanted) else found == wanted:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} s it is still {found!r}")
        time.sleep(PAUSE_SECONDS)
