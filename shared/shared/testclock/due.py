"""What falls due by the installation's time: what beat runs now and then, and the test clock at its very instant."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from django.conf import settings


def _never(_at: datetime) -> None:
    return None


def _nothing(_at: datetime) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Due:
    """A kind of thing that falls due.

    `run` does all that is due at an instant and returns how much that was; `next` returns the first instant after one
    at which something is due; `ahead` makes room for all that comes until an instant.
    """

    kind: str
    run: Callable[[datetime], int] = _nothing
    next: Callable[[datetime], datetime | None] = _never
    ahead: Callable[[datetime], object] = _nothing


def due() -> Sequence[Due]:
    """Return what falls due in this service, in the order in which things of one instant are done."""
    found: Sequence[Due] = import_module(f"{settings.PACKAGE}.due").DUE
    return found


def first(instants: Iterable[datetime | None]) -> datetime | None:
    """Return the earliest of some instants, where there is any."""
    return min((instant for instant in instants if instant), default=None)


def until_none(run: Callable[[], int], *, times: int = 1_000_000) -> int:
    """Repeat what does some of its work at a time, until nothing is left or so many times; return how much it did."""
    done = 0
    for _ in range(times):
        if not (some := run()):
            break
        done += some
    return done
