"""Small Celery producers, one for each service we send to: its own keys on the one Redis."""

from functools import cache
from typing import Any

from celery import Celery
from django.conf import settings

from shared.celery import common, queue


@cache
def producer_for(service: str) -> Celery:
    """Return the producer that writes to another service's queues."""
    app = Celery(f"{settings.SERVICE}-to-{service}", set_as_current=False)
    app.conf.update(common(service, settings.BROKER_URL))
    app.conf.update(task_queues=[queue(f"{service}.inbox"), queue(f"{service}.acks")])
    return app


def send(service: str, kind: str, task: str, arguments: dict[str, Any]) -> None:
    """Put one task on `<service>.<kind>`, trying once.

    :raises kombu.exceptions.OperationalError: the broker is away. Never called inside a request:
        a broker that hangs would hang the request.
    """
    producer_for(service).send_task(
        task, kwargs=arguments, queue=f"{service}.{kind}", retry=False, ignore_result=True, argsrepr="", kwargsrepr=""
    )
