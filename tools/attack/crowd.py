"""Many requests at once, bounded in number and in time."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from tools.attack.line import Answer

Ask = Callable[[], Answer]


def together(asks: Iterable[Ask]) -> list[Answer]:
    """Send all at the same instant, each from a thread of its own; return the answers in the order of the asks."""
    all_of_them = list(asks)
    barrier = threading.Barrier(len(all_of_them))

    def go(ask: Ask) -> Answer:
        barrier.wait(60)
        return ask()

    with ThreadPoolExecutor(len(all_of_them)) as pool:
        return list(pool.map(go, all_of_them))


def storm(asks: Iterable[Ask], *, threads: int = 8, seconds: float = 12.0) -> list[Answer]:
    """Send one after the other from several threads; those whose time never came are left out."""
    deadline = time.monotonic() + seconds

    def go(ask: Ask) -> Answer | None:
        return ask() if time.monotonic() < deadline else None

    with ThreadPoolExecutor(threads) as pool:
        return [answer for answer in pool.map(go, asks) if answer]


def statuses(answers: Iterable[Answer]) -> str:
    """Return how often each status was answered: `201 ×1, 409 ×19`."""
    counts = Counter(answer.status for answer in answers)
    return ", ".join(f"{status or 'no answer'} ×{times}" for status, times in sorted(counts.items()))
