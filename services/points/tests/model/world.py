"""What the model plays with: who takes part, in which programmes, from when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID


@dataclass(frozen=True)
class Policy:
    """A programme's terms; two that differ in each of them."""

    timezone: str
    earn_points: int
    earn_amount: int
    lot_days: int | None
    adjustment_limit: int | None
    value_points: int
    value_amount: int
    sliding_days: int | None = None


POLICIES = (
    Policy("Europe/Berlin", 1, 10, 5, 30, 1, 1),
    Policy("Pacific/Apia", 3, 70, None, None, 3, 20, sliding_days=4),
)
EVENTS = ("delivered", "reviewed")
MEMBERS = [UUID(int=number) for number in (1, 2, 3, 4)]
OPERATORS = [UUID(int=number) for number in (91, 92)]
# Two days before the clocks change in Berlin.
START = datetime(2026, 3, 27, 12, tzinfo=UTC)
LARGEST = 10**15
# So many rows of a file at once.
CHUNK = 3


class Wait(NamedTuple):
    """What an earning waits for: so many hours, or an event within them."""

    hours: int
    event: str = ""


class Row(NamedTuple):
    """A row of a file that is imported."""

    kind: str
    who: int
    points: int
    key: str


Where = tuple[int, int]
"""An account: the number of a member and that of a programme."""
Outcome = tuple[Any, ...]
"""`("done", …)`, `("repeated", deed)`, `("refused", code, …)`: said alike by the reference model and by a ledger."""
ACCOUNTS: list[Where] = [(who, programme) for who in range(len(MEMBERS)) for programme in range(len(POLICIES))]
ANYTHING: Outcome = ("anything",)
"""The reference model's answer where none is agreed: whether dead points were booked out already cannot be seen."""


def by_end(parts: Iterable[tuple[datetime | None, int]]) -> tuple[tuple[datetime | None, int], ...]:
    """Points by their end; of lots that came together and end together it makes no difference which one is meant."""
    points: dict[datetime | None, int] = {}
    for end, count in parts:
        points[end] = points.get(end, 0) + count
    return tuple(points.items())


def one_of_each(lots: Iterable[tuple[datetime | None, int, int]]) -> list[tuple[datetime | None, int]]:
    """Lots in their order, by end and age; those that came together and end together are one."""
    left: dict[tuple[datetime | None, int], int] = {}
    for end, born, points in lots:
        left[end, born] = left.get((end, born), 0) + points
    return [(end, points) for (end, _), points in left.items()]
