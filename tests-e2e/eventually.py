"""Waiting for what the system promises to do in a moment: ask until it is so, never sleep and hope."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# Promised within seconds; the rest is room for a busy machine.
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.05
# What processes keep of programmes and rules is a second old at most.
MEMORY_SECONDS = 1.2


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


def wait_as_told(retry_after: str) -> None:
    """Wait as many seconds as a refusal's `Retry-After` says."""
    time.sleep(int(retry_after))


def until_all_have_read_anew() -> None:
    """Wait as long as a process may go by what it read before: nobody outside can see that each has read anew."""
    time.sleep(MEMORY_SECONDS)
