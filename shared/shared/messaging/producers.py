"""Small Celery producers, one for each service we send to: its own keys on the one Redis."""

import zlib
from functools import cache, partial
from typing import Any

from celery import Celery
from django.conf import settings
from kombu import compression
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shared.celery import acks_name, common, inbox_name, queue
from shared.messaging.lanes import Lane

# As long as a pack of some tens of messages: below that, packing text costs more than carrying it.
COMPRESSED_FROM = 16_384
# What every kombu reads without more, at a level that takes half the time of the default and a tenth more room.
compression.register(partial(zlib.compress, level=1), zlib.decompress, "application/x-gzip", ["gzip", "zlib"])


def inbox_of(consumer: str, lane: Lane) -> str:
    """Return the queue for our messages to a service: each producer and lane has one, so that floods stay apart."""
    return inbox_name(consumer, settings.SERVICE, lane)


def acks_of(producer: str) -> str:
    """Return the queue for our reports to a service."""
    return acks_name(producer, settings.SERVICE)


@cache
def producer_for(service: str) -> Celery:
    """Return the producer that writes to another service's queues."""
    app = Celery(f"{settings.SERVICE}-to-{service}", set_as_current=False)
    app.conf.update(common(service, settings.BROKER_URL))
    app.conf.update(task_queues=[*(queue(inbox_of(service, lane)) for lane in Lane), queue(acks_of(service))])
    return app


def send(service: str, to_queue: str, task: str, arguments: dict[str, Any]) -> None:
    """Put one task on a queue of another service, trying once; a long text in it travels compressed.

    A pack of 500 messages would else pass the broker as 420 KB, three times: sent, taken, and kept until it is done.

    :raises kombu.exceptions.OperationalError: the broker is away. Never called inside a request:
        a broker that hangs would hang the request.
    """
    is_long = any(isinstance(value, str) and len(value) >= COMPRESSED_FROM for value in arguments.values())
    producer_for(service).send_task(
        task,
        kwargs=arguments,
        queue=to_queue,
        retry=False,
        ignore_result=True,
        argsrepr="",
        kwargsrepr="",
        compression="zlib" if is_long else None,
    )


def waiting(service: str, in_queue: str) -> int:
    """Return how many tasks wait in a queue of another service.

    :raises kombu.exceptions.OperationalError: the broker is away.
    """
    try:
        with producer_for(service).producer_or_acquire() as producer:
            return int(producer.channel.client.llen(in_queue))
    except RedisError as error:
        raise OperationalError(str(error)) from error
