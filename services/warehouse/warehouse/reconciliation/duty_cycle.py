"""How often a job may run that takes the longer the more there is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

# Of so many seconds it may work for one.
SHARE = 10


class DutyCycle:
    """What a process remembers of a job: it rests nine times as long as it worked, so others have their turn."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._rests_until = now()

    @property
    def is_due(self) -> bool:
        """Tell whether it has rested enough."""
        return self._now() >= self._rests_until

    @contextmanager
    def working(self) -> Iterator[None]:
        """Measure how long it works, also where it fails."""
        begun = self._now()
        try:
            yield
        finally:
            ended = self._now()
            self._rests_until = ended + (SHARE - 1) * (ended - begun)
