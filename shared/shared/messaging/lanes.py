"""The two lanes of messages: what a person waits for never waits behind a bulk job of the same service.

Which lane a message takes follows from the work that publishes it, so that no job can forget it:

- a Celery task is a job, and publishes in the bulk lane (`shared.celery`);
- what is published because of a message takes the lane in which that one came (`messages.receive`);
- the chunk of a long job is bulk itself, wherever it is asked for (`shared.contracts.base.JobStep`);
- a request is interactive, but for a list that is longer than anything that one person does at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Lane(StrEnum):
    """A way of its own through outbox, relay, broker and worker."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


# A list of more messages is a batch: nobody waits for each of them.
LIST_AT_MOST = 100
_lane: ContextVar[Lane | None] = ContextVar("lane", default=None)


def lane_of(messages: int) -> Lane:
    """Return the lane of a list of so many messages that is published now."""
    return _lane.get() or (Lane.BULK if messages > LIST_AT_MOST else Lane.INTERACTIVE)


@contextmanager
def in_lane(lane: Lane) -> Iterator[None]:
    """Let all that is published in the block take this lane."""
    token = _lane.set(lane)
    try:
        yield
    finally:
        _lane.reset(token)


def begin_job() -> None:
    """Let all that this process publishes from now on take the bulk lane, until somebody says otherwise."""
    _lane.set(Lane.BULK)
