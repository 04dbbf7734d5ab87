"""The steps of a long job: whoever did one does the next as well, while nothing stands against it.

Each step asks for the next by a message of the service to itself, as ever: so a job goes on whoever dies. But the way
over the broker takes as long as some steps do, and ends in any process. So the message is due only a while later, and
the process that wrote it acts on it at once, as if it had arrived: the inbox remembers it in the transaction of its
effect, which also takes it out of the outbox. If it never comes to that, the relay brings it, and if both do, it has
its effect once.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction

from shared import clock, context
from shared.contracts.base import Contract, Envelope
from shared.db import execute
from shared.messaging.inbox import Delivery, Handlers, act
from shared.messaging.outbox import tell

log = logging.getLogger(__name__)

# So long a process goes on before other messages have their turn.
SECONDS = 10.0
# When the relay brings a step that nobody did: longer than one takes.
LATE = timedelta(seconds=15)
_THIS = "message_id = %s AND destination = %s"


class _Turn:
    """What one process may go on with, and until when."""

    def __init__(self) -> None:
        self.ends = monotonic() + SECONDS
        self.next: list[Delivery] = []


_turn: ContextVar[_Turn | None] = ContextVar("steps_turn", default=None)


@contextmanager
def turn() -> Iterator[None]:
    """Let what is asked for by `ask_for_next` inside be done by `go_on`."""
    token = _turn.set(_Turn())
    try:
        yield
    finally:
        _turn.reset(token)


def is_mine_to_go_on() -> bool:
    """Tell whether the next step that is asked for now will be done by this process, as far as can be foreseen."""
    mine = _turn.get()
    return mine is not None and monotonic() < mine.ends


def ask_for_next(message: Contract, *, at: datetime) -> None:
    """Ask this service itself for a job's next step, in the transaction of the one before.

    :raises OutsideTransaction: no transaction is open.
    """
    mine = _turn.get()
    if mine is None or not is_mine_to_go_on():
        tell([message], at=at)
        return
    [message_id] = tell([message], at=at, due_at=clock.now() + LATE)
    envelope = Envelope(
        id=message_id,
        name=message.NAME,
        version=message.VERSION,
        producer=settings.SERVICE,
        occurred_at=at,
        correlation_id=context.correlation_id.get() or str(message_id),
        causation_id=context.causation_id.get(),
        payload={},
    )
    transaction.on_commit(lambda: mine.next.append(Delivery(envelope, message)))


def go_on(by: Handlers) -> None:
    """Do the steps that were asked for, and those that they ask for, until there is none or the turn ends."""
    mine = _turn.get()
    while mine and mine.next:
        _do(mine.next.pop(0), by)


def _do(delivery: Delivery, by: Handlers) -> None:
    this = [delivery.id, settings.SERVICE]
    try:
        with transaction.atomic():
            act([delivery], by)
            execute(f"DELETE FROM outbox WHERE {_THIS}", this)
    except Exception:
        # It comes by the relay then, and failures are counted there.
        log.exception("the step %s %s failed and is told again", delivery.envelope.name, delivery.id)
        execute(f"UPDATE outbox SET next_attempt_at = %s WHERE {_THIS}", [clock.now(), *this])
