"""The list of probes; each module adds its own."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.attack.stage import Stage

Run = Callable[[Stage], None]


@dataclass(frozen=True)
class Probe:
    """One probe; what it found is on the stage that it was given."""

    name: str
    run: Run

    @property
    def promise(self) -> str:
        """What must hold, in a line."""
        return (self.run.__doc__ or "").splitlines()[0]


PROBES: dict[str, Probe] = {}


def probe(run: Run) -> Run:
    """Add a function to the probes, under its own name."""
    PROBES[run.__name__] = Probe(run.__name__, run)
    return run
