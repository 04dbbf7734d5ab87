"""Waiting in tests for what comes to be by itself: ask until it is so, never sleep and hope."""

import time
from collections.abc import Callable
from typing import Any

# How long a test waits at most. It says how busy a machine may be, and nothing about what is tested.
PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.02


def until(condition: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS, why: Callable[[], str] = str) -> None:
    """Return once the condition holds.

    :raises AssertionError: it does not for so long; the text is what `why` says then.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to that in {seconds:.0f} s: {why()}"
        time.sleep(_PAUSE_SECONDS)
