"""The steps of a long job: whoever did one does the next as well, while nothing stands against it.

Each step asks for the next by a message of the service to itself, as ever: so a job goes on whoever dies. But the way
over the broker takes as long as some steps do, and ends in any process. So the message is due only a while later, and
the process that wrote it acts on it at once, as if it had arrived: the inbox remembers it in the transaction of its
effect, which also takes it out of the outbox. If it never comes to that, the relay brings it, and if both do, it has
its effect once.

A step may begin before the one before it has committed (ADR 30): it is told what it would have read (`ask_for_next`),
reads and decides while PostgreSQL still writes for the other, and neither writes nor commits before that one has.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from shared import clock, context
from shared.contracts.base import Envelope, JobStep
from shared.db import execute
from shared.messaging.inbox import Delivery, Handlers, act
from shared.messaging.outbox import tell
from shared.postgres.base import Link

log = logging.getLogger(__name__)

# So long a process goes on before other messages have their turn.
SECONDS = 10.0
# When the relay brings a step that nobody did: longer than one takes.
LATE = timedelta(seconds=15)
_THIS = "message_id = %s AND destination = %s"


class NotInTurn(Exception):
    """What a step that began early went on from is not so, or not so any more: nothing of it is kept, it is told again.

    Raised by a handler where it finds so after `wait_for_the_one_before`, and by that where the other step failed.
    """


class _Step:
    """A step: what asks for it, and, where it begins early, what it is told and the step that it waits for."""

    def __init__(self, delivery: Delivery, known: Any = None, before: "_Step | None" = None) -> None:
        self.delivery, self.known, self.before = delivery, known, before
        self.committed: Future[bool] = Future()

    def wait_for_the_one_before(self) -> None:
        if self.before and not self.before.committed.result():
            raise NotInTurn("the step before failed")

    def end_if_in_vain(self) -> None:
        """Do not wait, and begin nothing more: each of a chain would begin the next before it finds out."""
        if self.before and self.before.committed.done():
            self.wait_for_the_one_before()


class _Turn:
    """What one process may go on with, and until when."""

    def __init__(self) -> None:
        self.ends = monotonic() + SECONDS
        self.next: list[_Step] = []
        self._by: Handlers | None = None
        self._early: list[Future[None]] = []
        self._threads: ThreadPoolExecutor | None = None
        self._links: set[Any] = set()

    def go_on(self, by: Handlers) -> None:
        """Do the steps that were asked for, and those that they ask for."""
        self._by = by
        try:
            while self.next or self._early:
                if self.next:
                    _do(self.next.pop(0), by)
                else:
                    self._early.pop(0).result()
        finally:
            self._by = None
            self._end_threads()

    def begin(self, delivery: Delivery, known: Any) -> bool:
        """Begin a step while the one that asks for it has not committed; False where that is none of this turn's."""
        if self._by is None or (asking := _step.get()) is None:
            return False
        asking.end_if_in_vain()
        # Two, because the one before is in its end, and neither waits for the one after it.
        self._threads = self._threads or ThreadPoolExecutor(max_workers=2, thread_name_prefix="step")
        step = _Step(delivery, known, asking)
        self._early.append(self._threads.submit(copy_context().run, self._do_early, step, self._by))
        return True

    def _do_early(self, step: _Step, by: Handlers) -> None:
        self._links.add(connections[DEFAULT_DB_ALIAS])
        _do(step, by)

    def _end_threads(self) -> None:
        if self._threads:
            self._threads.shutdown(cancel_futures=True)
        for link in self._links:
            link.inc_thread_sharing()  # it was another thread's, which has ended
            link.close()


_turn: ContextVar[_Turn | None] = ContextVar("steps_turn", default=None)
_step: ContextVar[_Step | None] = ContextVar("step", default=None)


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


def ask_for_next(message: JobStep, *, at: datetime, knowing: Any = None) -> None:
    """Ask this service itself for a job's next step, in the transaction of the one before.

    Where `knowing` is given, the next step may begin at once, and learns of it by `known`: what it would have read of
    the job had this transaction committed. Ask for it then when all that is left to do is to write, and lock no more
    rows after it than the job's own, which the next step must not lock before `wait_for_the_one_before`.

    :raises OutsideTransaction: no transaction is open.
    :raises NotInTurn: the step before this one has failed.
    """
    mine = _turn.get()
    if mine is None or not is_mine_to_go_on():
        tell([message], at=at)
        return
    [message_id] = tell([message], at=at, due_at=clock.now() + LATE)
    delivery = Delivery(_envelope(message, message_id, at), message)
    if knowing is None or not mine.begin(delivery, knowing):
        transaction.on_commit(lambda: mine.next.append(_Step(delivery)))


def _envelope(message: JobStep, message_id: UUID, at: datetime) -> Envelope:
    return Envelope(
        id=message_id,
        name=message.NAME,
        version=message.VERSION,
        producer=settings.SERVICE,
        occurred_at=at,
        correlation_id=context.correlation_id.get() or str(message_id),
        causation_id=context.causation_id.get(),
        payload={},
    )


def known() -> Any:
    """Return what the step before told this one, which began early; None where it may read and lock as it likes."""
    step = _step.get()
    return step and step.known


def wait_for_the_one_before() -> None:
    """Return once the step before has committed; at once where it had before this one began.

    Whoever was told something (`known`) then locks the job and looks whether it is so.

    :raises NotInTurn: it failed.
    """
    if step := _step.get():
        step.wait_for_the_one_before()


def go_on(by: Handlers) -> None:
    """Do the steps that were asked for, and those that they ask for, until there is none or the turn ends."""
    if mine := _turn.get():
        mine.go_on(by)


def _do(step: _Step, by: Handlers) -> None:
    delivery = step.delivery
    this = [delivery.id, settings.SERVICE]
    token = _step.set(step)
    try:
        step.end_if_in_vain()
        with transaction.atomic(), _writes_after(step):
            act([delivery], by)
            step.wait_for_the_one_before()
            execute(f"DELETE FROM outbox WHERE {_THIS}", this)
        step.committed.set_result(True)
    except Exception as error:
        # It comes by the relay then, and failures are counted there.
        is_defect = not isinstance(error, NotInTurn)
        log.log(
            logging.ERROR if is_defect else logging.INFO,
            "the step %s %s failed and is told again: %r",
            delivery.envelope.name,
            delivery.id,
            error,
            exc_info=is_defect,
        )
        execute(f"UPDATE outbox SET next_attempt_at = %s WHERE {_THIS}", [clock.now(), *this])
    finally:
        _step.reset(token)
        if not step.committed.done():
            step.committed.set_result(False)


def _writes_after(step: _Step) -> AbstractContextManager[None]:
    """Let the connection, which is in a transaction, start no writes before the step before has committed."""
    if not step.before:
        return nullcontext()
    link: Link = connections[DEFAULT_DB_ALIAS].connection
    return link.writes_after(step.wait_for_the_one_before)
