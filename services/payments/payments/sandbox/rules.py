"""When an instant is over, and which comes next: pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from payments.sandbox.errors import ClockBehind, ClockTooFar
from shared.clock import iso

FARTHEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered: what it did, when something is due next, its messages so far and those under way."""

    service: str
    done: Mapping[str, int]
    next_due_at: datetime | None
    published: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Happened:
    """So many things of a kind happened in a service at an instant."""

    at: datetime
    service: str
    kind: str
    count: int


def check_target(target: datetime, *, now: datetime) -> None:
    """Check how far a move goes.

    :raises ClockBehind: not forward.
    :raises ClockTooFar: more than 400 days.
    """
    if target <= now:
        raise ClockBehind(now=iso(now))
    if target > now + FARTHEST:
        raise ClockTooFar(latest=iso(now + FARTHEST))


def is_over(before: Collection[Answer], last: Collection[Answer]) -> bool:
    """Tell whether all that is due at an instant has happened, in all services, by its last two rounds of answers.

    In both no message was under way, in between none was published, and in the last nothing was left to do. Two rounds,
    as one may miss a message: a service may answer before another's message reaches it, and that one after it has
    (Mattern, Algorithms for distributed termination detection, 1987).
    """
    published = {one.service: one.published for one in before}
    return (
        bool(before)
        and all(not one.waiting and not one.done and published[one.service] == one.published for one in last)
        and not any(one.waiting for one in before)
    )


def next_instant(last: Sequence[Answer], *, at: datetime, target: datetime) -> datetime:
    """Return the first instant at which something is due, or the target where that comes first."""
    return min([target, *(one.next_due_at for one in last if one.next_due_at and one.next_due_at > at)])


def not_quiet(last: Sequence[Answer], services: Collection[str]) -> list[tuple[str, str]]:
    """Return who a move waits for, and what for: an answer, or its messages that others have not acted on."""
    waiting = {one.service: one.waiting for one in last}
    return [
        (service, "no_answer" if service not in waiting else "messages_under_way")
        for service in services
        if waiting.get(service, 1)
    ]
