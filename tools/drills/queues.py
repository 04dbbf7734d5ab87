"""Messages put on the broker's queues as a relay does, and a worker's queues taken from it by remote control."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celery import Celery

from shared.celery import common, inbox_name, queue, queues_of
from shared.messaging.lanes import Lane
from tools.drills.waits import eventually


@dataclass(frozen=True)
class Queues:
    """The services' queues, reached with their own addresses and passwords."""

    settings: Mapping[str, str]

    def send(self, producer: str, consumer: str, packs: Sequence[Sequence[Any]]) -> None:
        """Put packs of envelopes on the queue where the producer's relay would, each as a task of its own."""
        with self._app(producer, consumer) as app:
            for pack in packs:
                self._put(app, producer, consumer, json.dumps(pack))

    def send_garbage(self, producer: str, consumer: str) -> None:
        """Put a task on the queue that nobody can read."""
        with self._app(producer, consumer) as app:
            self._put(app, producer, consumer, "no JSON at all")

    def _put(self, app: Celery, producer: str, consumer: str, pack: str) -> None:
        to_queue = inbox_name(consumer, producer, Lane.INTERACTIVE)
        app.send_task("messages.receive", kwargs={"pack": pack}, queue=to_queue, retry=False)

    def cancel_all(self, service: str) -> None:
        """Tell a worker to take from no queue any more: it stays connected, and nothing is done."""
        with self._app(service, service) as app:
            [node] = app.control.ping(timeout=5) or []
            [name] = node
            for one in [*queues_of(service), f"ping.{name}"]:
                app.control.cancel_consumer(one, destination=[name])
            # Celery answers first and cancels in a later turn of its loop (call_soon).
            inspect = app.control.inspect([name], timeout=5)
            eventually(lambda: inspect.active_queues() == {name: []}, f"the worker of {service} takes from no queue")

    def _app(self, producer: str, consumer: str) -> Celery:
        """A producer of tasks for a service, with another's rights."""
        app = Celery("drill", set_as_current=False)
        app.conf.update(common(consumer, self.settings[f"{producer.upper()}_BROKER_URL"]))
        app.conf.update(task_queues=[queue(name) for name in queues_of(consumer)])
        return app
