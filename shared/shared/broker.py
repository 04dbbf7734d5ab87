"""Redis as Celery's broker, with a process of each worker kept free for what a person waits for.

A worker takes from its queues in turn, whatever their tasks are about: two jobs would have both of its processes for
as long as they take. So a worker that is at a job, and has all processes but one at bulk work, waits for other work
alone, until some of that is done. Packs of another's messages take a moment: they alone may have all processes. What it
is at, is known to its main process alone: there is nothing to lock, and nothing stays behind when a process is killed.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from kombu.exceptions import DecodeError
from kombu.transport import redis, virtual
from kombu.utils.scheduling import round_robin_cycle

_JSON = ("application/json", "utf-8")
# What is put on a list to wake a worker that has gone on by itself meanwhile stays no longer.
WAKE_FOR_MS = 60_000


class _InTurn(round_robin_cycle):  # type: ignore[type-arg]  # generic to its stubs alone
    """The queues in turn; where no more bulk work may be taken, without its queues but with what wakes us."""

    def __init__(self, channel: "Channel") -> None:
        self.items: list[Any] = []
        super().__init__(self.items)
        self._channel = channel
        self._before: list[Any] = []

    def consume(self, n: int) -> Any:
        queues = super().consume(n)
        if self._channel.may_take_bulk:
            return queues
        return [self._channel.wake_list, *(queue for queue in queues if queue not in self._channel.bulk_queues)]

    def rotate(self, last_used: str) -> None:
        self._channel.taken_from = last_used
        self._before = list(self.items)
        super().rotate(last_used)

    def go_back(self) -> None:
        """Let the queue that was taken from have its turn again."""
        self.items[:] = self._before


class QoS(redis.QoS):
    """The tasks in hand; the channel hears when one is done.

    One that is done before the worker looks for the next was carried out by nobody: it had expired. It was no turn of
    its queue. Behind a long job most tasks expire, and each would have one of the turns between that job's time slices.
    """

    channel: "Channel"
    _just_taken = ""

    def can_consume(self) -> bool:
        self._just_taken = ""
        return bool(super().can_consume())

    def append(self, message: Any, delivery_tag: str) -> None:
        super().append(message, delivery_tag)
        self._just_taken = delivery_tag

    def ack(self, delivery_tag: str) -> None:
        super().ack(delivery_tag)
        if delivery_tag == self._just_taken:
            self.channel.go_back()
        self.channel.look_at_bulk_again()

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().reject(delivery_tag, requeue=requeue)
        self.channel.look_at_bulk_again()


class Message(virtual.Message):
    """A task as it was taken; where it came from is what we know of it, whatever it says of itself.

    :raises ValueError: it is none, or without a body in JSON: Celery would end the worker, and so would its next one.
    """

    def __init__(self, payload: Any, channel: "Channel", **more: Any) -> None:
        try:
            super().__init__(payload, channel=channel, **more)
            if channel.taken_from:
                self.delivery_info["exchange"] = self.delivery_info["routing_key"] = channel.taken_from
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"no task: {error!r}") from error
        form = (self.content_type, self.content_encoding)
        if self.errors or not self.body or not isinstance(self.headers, dict) or form != _JSON:
            raise ValueError("no task: it has no body in JSON, or no headers")
        try:
            # Kept by kombu: the worker's main process reads each body, whatever is in it.
            self.decode()
        except DecodeError as error:
            raise ValueError(f"no task: {error!r}") from error


class Channel(redis.Channel):
    """Takes tasks of `bulk_queues`, of which `long_queues` take long, as long as another process is free.

    What is no task at all, `on_malformed` is told with its queue; kombu would end the worker.
    """

    QoS = QoS
    Message = Message
    taken_from = ""
    on_malformed: Callable[[str, object], None] = staticmethod(lambda queue, error: None)
    _in_poll: Any
    bulk_queues: tuple[str, ...] = ()
    long_queues: tuple[str, ...] = ()
    from_transport_options = (*redis.Channel.from_transport_options, "bulk_queues", "long_queues")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._queue_cycle = _InTurn(self)
        self.go_back = self._queue_cycle.go_back
        self._waits_without_bulk = False
        self.wake_list = f"wake.{uuid4()}"
        transport: Any = self.connection
        transport._callbacks[self.wake_list] = lambda _: None

    @property
    def may_take_bulk(self) -> bool:
        """Whether no long task is in hand, or a process is left beside the bulk work in hand and one more task of it;
        the only process takes all."""
        processes: int = self.qos.prefetch_count
        return processes < 2 or not self._in_hand(self.long_queues) or self._in_hand(self.bulk_queues) < processes - 1

    def _in_hand(self, queues: tuple[str, ...]) -> int:
        qos: Any = self.qos
        hand = [message for tag, message in qos._delivered.items() if tag not in qos._dirty]
        return sum(message.delivery_info["routing_key"] in queues for message in hand)

    def look_at_bulk_again(self) -> None:
        """End a waiting that left bulk work out, where that may be taken now."""
        if self._in_poll and self._waits_without_bulk and self.may_take_bulk:
            self._waits_without_bulk = False
            with self.conn_or_acquire() as client:
                client.pipeline().lpush(self.wake_list, "{}").pexpire(self.wake_list, WAKE_FOR_MS).execute()

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # kombu declares it for no type checker
        except ValueError as error:
            self.on_malformed(self.taken_from, error)
            return True
        finally:
            self.taken_from = ""

    def _brpop_start(self, timeout: float | None = None) -> None:
        self._waits_without_bulk = not self.may_take_bulk
        # kombu declares it for no type checker.
        super()._brpop_start(timeout)  # type: ignore[misc]


class Transport(redis.Transport):
    """Redis, with channels of ours."""

    Channel = Channel
