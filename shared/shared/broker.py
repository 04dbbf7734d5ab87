"""Redis as Celery's broker, with a process of each worker kept free for what a person waits for.

A worker takes from its queues in turn, whatever their tasks are about: two jobs would have both of its processes for
as long as they take. So a worker that has all processes but one at bulk work takes no more of it, and looks again a
moment later. What it is at, is known to its main process alone: there is nothing to lock, and nothing stays behind
when a process is killed.
"""

from typing import Any

from kombu.transport import redis
from kombu.utils.scheduling import round_robin_cycle

# While bulk work may not be taken, its queues are looked at again this soon.
LOOK_AGAIN_SECONDS = 0.02


class _InTurn(round_robin_cycle):  # type: ignore[type-arg]  # generic to its stubs alone
    """The queues in turn, without those of bulk work where no more of it may be taken."""

    def __init__(self, channel: "Channel") -> None:
        super().__init__()
        self._channel = channel

    def consume(self, n: int) -> Any:
        queues = super().consume(n)
        if self._channel.may_take_bulk:
            return queues
        return [queue for queue in queues if queue not in self._channel.bulk_queues]


class Channel(redis.Channel):
    """Takes tasks of `bulk_queues` as long as another process is free."""

    bulk_queues: tuple[str, ...] = ()
    from_transport_options = (*redis.Channel.from_transport_options, "bulk_queues")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._queue_cycle = _InTurn(self)

    @property
    def may_take_bulk(self) -> bool:
        """Whether all processes but one are enough for the bulk work in hand and one more; the only one takes all."""
        processes: int = self.qos.prefetch_count
        return processes < 2 or self._bulk_in_hand < processes - 1

    @property
    def _bulk_in_hand(self) -> int:
        qos: Any = self.qos
        hand = [message for tag, message in qos._delivered.items() if tag not in qos._dirty]
        return sum(message.delivery_info["routing_key"] in self.bulk_queues for message in hand)

    def _brpop_start(self, timeout: float | None = None) -> None:
        # kombu declares it for no type checker.
        super()._brpop_start(timeout if self.may_take_bulk else LOOK_AGAIN_SECONDS)  # type: ignore[misc]


class Transport(redis.Transport):
    """Redis, with channels of ours."""

    Channel = Channel
