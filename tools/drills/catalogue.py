"""The list of drills, in the order in which they run; each module adds its own."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.drills.stage import Stage

Run = Callable[[Stage], None]


@dataclass(frozen=True)
class Drill:
    """One drill; `in_short` tells whether the short form has it, too."""

    name: str
    run: Run
    in_short: bool

    @property
    def promise(self) -> str:
        """What it shows, in a line."""
        return (self.run.__doc__ or "").splitlines()[0]


DRILLS: dict[str, Drill] = {}


def drill(*, in_short: bool = True) -> Callable[[Run], Run]:
    """Add a function to the drills, under its own name."""

    def add(run: Run) -> Run:
        name = run.__name__
        DRILLS[name] = Drill(name, run, in_short)
        return run

    return add
