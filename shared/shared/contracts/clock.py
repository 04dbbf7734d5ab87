"""What services say to each other when a sandbox's test clock is moved (docs/clock.md)."""

from datetime import datetime
from uuid import UUID

from shared.contracts.base import Contract


class ClockMoved(Contract, frozen=True, kw_only=True):
    """The installation's time stands at `at` while a move to `target` is under way: do what is due, and say so.

    `number` grows from question to question, so that what comes late is known. The last one has `offset_microseconds`:
    by so much the installation's time is ahead of the machine's from then on, and nobody answers it.
    """

    NAME = "clock_moved"
    PRODUCER = "payments"
    AT_ONCE = True

    move_id: UUID
    number: int
    at: datetime
    target: datetime
    offset_microseconds: int | None = None


class ClockReached(Contract, frozen=True, kw_only=True):
    """A service did what was due at a question's instant: how many of each kind, and when it has something to do next.

    `published` counts its messages since the move began and `waiting` those that nobody has acted on yet, at most a
    hundred; messages about the clock aside.
    """

    NAME = "clock_reached"
    AT_ONCE = True

    service: str
    move_id: UUID
    number: int
    done: dict[str, int]
    next_due_at: datetime | None
    published: int
    waiting: int
