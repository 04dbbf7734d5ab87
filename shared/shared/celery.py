"""Celery, used plainly: it carries; PostgreSQL remembers (docs/messaging.md)."""

import os
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.db import close_old_connections
from kombu import Exchange, Queue

from shared import alive, watchdog
from shared.contracts.routes import SERVICES
from shared.garbage import collect_rarely
from shared.messaging import lanes
from shared.messaging.lanes import Lane

# One timeout for all services: on one Redis database the shortest would win for everybody (kombu #337).
VISIBILITY_TIMEOUT = 600
EXPIRE_AFTER_AT_LEAST = 60.0
# What every service does periodically; its own settings add to it.
SCHEDULE: dict[str, Any] = {
    "purge": {"task": "housekeeping.purge", "schedule": 3600.0},
    "compare-messages": {"task": "messages.compare", "schedule": 300.0, "kwargs": {"hours": 3}},
    "compare-all-messages": {"task": "messages.compare", "schedule": 3600.0},
}
# A killed process may leave a question about the test clock unanswered (shared.testclock).
IN_SANDBOX: dict[str, Any] = {"answer-clock": {"task": "testclock.answer", "schedule": 2.0}}


def queue(name: str) -> Queue:
    """Return the durable queue of this name, bound to its own exchange."""
    return Queue(name, Exchange(name, type="direct"), routing_key=name)


def transport_options(service: str) -> dict[str, Any]:
    """Return how to talk to Redis so that a broken link is noticed and services stay apart."""
    return {
        # Own keys: a Flower sees only its own, and nobody's timeout redelivers another's tasks (kombu #1494).
        "global_keyprefix": f"{service}:",
        "visibility_timeout": VISIBILITY_TIMEOUT,
        # Restore a dead worker's messages after seconds instead of the default 100.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # Without these a half-open link is never noticed (200 s and more, measured).
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 5,
        # No `retry_on_timeout` or other retry of redis-py: when the broker goes away, it would reconnect the worker's
        # pub/sub link by itself and then read from it in the main thread, without end: a worker that takes no task.
        "client_name": service,
    }


def common(service: str, broker_url: str) -> dict[str, Any]:
    """Return the settings that a worker and a mere producer have in common."""
    return {
        "broker_url": broker_url,
        "broker_transport_options": transport_options(service),
        "broker_connection_retry_on_startup": True,
        # The default gives up after 100 tries, and the worker with it.
        "broker_connection_max_retries": None,
        # Results would fill Redis (467 bytes each, for a day) and leak in the worker (celery #6963).
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        # A typing error in a queue's name must fail, not make a queue that nobody reads.
        "task_create_missing_queues": False,
    }


def inbox_name(consumer: str, producer: str, lane: Lane) -> str:
    """Return the name of the queue of one producer's messages in a lane."""
    return f"{consumer}.inbox.{producer}{'.bulk' if lane is Lane.BULK else ''}"


def acks_name(producer: str, consumer: str) -> str:
    """Return the name of the queue of one consumer's reports: it alone may write there, for itself and nobody else."""
    return f"{producer}.acks.{consumer}"


def bulk_queues_of(service: str) -> list[str]:
    """Return the queues of bulk work: jobs, and what they published."""
    return [*(inbox_name(service, producer, Lane.BULK) for producer in SERVICES), f"{service}.jobs"]


def long_queues_of(service: str) -> list[str]:
    """Return those of them whose tasks may take many seconds (shared.broker): jobs, and the chunks of jobs, which a
    service asks itself for. A pack of another's messages takes a moment."""
    return [inbox_name(service, service, Lane.BULK), f"{service}.jobs"]


def queues_of(service: str) -> list[str]:
    """Return what a service's workers take tasks from, in turn: an inbox for each producer and lane, so that a flood
    delays neither another producer's messages nor what a person waits for, the reports to it, and its own jobs."""
    inboxes = [inbox_name(service, producer, Lane.INTERACTIVE) for producer in SERVICES]
    reports = [acks_name(service, consumer) for consumer in SERVICES]
    return [*inboxes, *reports, *bulk_queues_of(service)]


def _schedule() -> dict[str, dict[str, Any]]:
    return {**SCHEDULE, **(IN_SANDBOX if settings.SANDBOX else {}), **getattr(settings, "SCHEDULE", {})}


def _expiring(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry whose task nobody carries out once the next has been sent: else they pile up behind a long one.

    The clocks of two machines may differ by some seconds, so what comes every few seconds lives for a minute.
    """
    return {**entry, "options": {"expires": max(entry["schedule"], EXPIRE_AFTER_AT_LEAST)}}


def jobs(service: str) -> dict[str, Any]:
    """Return the settings that send a service's periodic tasks to its own queue, by their names."""
    return {
        "task_queues": [queue(name) for name in queues_of(service)],
        "task_default_queue": f"{service}.jobs",
        "task_default_exchange": f"{service}.jobs",
        "task_default_routing_key": f"{service}.jobs",
        "timezone": "UTC",
        "beat_schedule": {name: _expiring(entry) for name, entry in _schedule().items()},
        "beat_max_loop_interval": 5,
    }


def make_bare_app() -> Celery:
    """Make the application of those who carry out no task: beat, which sends them by name, and Flower, which looks on.

    It loads no task, no model and no view of the service whose settings are loaded: half the memory.
    """
    app = Celery(settings.PACKAGE, fixups=[])
    app.conf.update(common(settings.SERVICE, settings.BROKER_URL))
    app.conf.update(jobs(settings.SERVICE))
    return app


def make_app(package: str) -> Celery:
    """Make the Celery application of the service whose settings are loaded."""
    service: str = settings.SERVICE
    # They load every view, with Swagger, into processes that serve none; `make lint` makes them, and Celery would not
    # even say what they find.
    os.environ["CELERY_SKIP_CHECKS"] = "true"
    app = Celery(package)
    app.conf.update(common(service, settings.BROKER_URL))
    app.conf.update(jobs(service))
    app.conf.update(
        broker_transport="shared.broker:Transport",
        broker_transport_options={
            **transport_options(service),
            "bulk_queues": tuple(bulk_queues_of(service)),
            "long_queues": tuple(long_queues_of(service)),
        },
        # A task leaves the queue when it is done, not when it is taken: by default a killed worker's task is gone.
        task_acks_late=True,
        # Without it a killed child's task counts as done (celery #5641).
        task_reject_on_worker_lost=True,
        # Far below the visibility timeout: a task that outlives it runs twice at once (celery #5935).
        task_time_limit=120,
        task_soft_time_limit=100,
        # No ETA or countdown anywhere: those that outlive the visibility timeout are delivered again and again
        # (celery #3270); what is to happen later is a row with its time. More than one task in hand would only wait
        # in a dead worker.
        worker_prefetch_multiplier=1,
        # Memory that leaks (celery #4843) goes with the child.
        worker_max_tasks_per_child=5000,
        worker_max_memory_per_child=400_000,
        # On SIGTERM (REMAP_SIGTERM=SIGQUIT) the task in hand has this long, then it is put back on its queue.
        worker_soft_shutdown_timeout=15,
        # A task whose link is lost comes again on the next one; without this both would run (celery #5935).
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_hijack_root_logger=False,
        worker_send_task_events=True,
        imports=["shared.messaging.tasks"],
        # Celery closes the database connection after each task unless this is set, and a new one costs more than
        # most tasks; `_keep_a_usable_connection` looks after it instead.
        CELERY_DB_REUSE_MAX=1_000_000,
    )
    app.autodiscover_tasks()
    return app


@signals.setup_logging.connect
def _logs_are_ours(**_: Any) -> None:
    """Keep Celery from setting levels and handlers of its own: Django's set-up has done it (shared.logs)."""


@signals.celeryd_after_setup.connect
def _collect_rarely(**_: Any) -> None:
    """Settle down while there are no children yet: what a search for garbage does not touch, they go on sharing."""
    collect_rarely()


@signals.task_prerun.connect
def _keep_a_usable_connection(**_: Any) -> None:
    """Drop the kept connection where it is broken or old, as Django does between requests."""
    close_old_connections()


@signals.task_prerun.connect
def _is_a_job(**_: Any) -> None:
    """Let what a task publishes take the bulk lane, unless it acts on interactive messages."""
    lanes.begin_job()


@signals.beat_init.connect
def _beat_reports_life(sender: Any, **_: Any) -> None:
    """Touch the alive file at each tick of beat, for the health check."""
    scheduler = sender.scheduler
    tick = scheduler.tick

    def ticking(*args: Any, **kwargs: Any) -> Any:
        alive.beat()
        return tick(*args, **kwargs)

    scheduler.tick = ticking


@signals.celeryd_after_setup.connect
def _worker_has_a_queue_of_its_own(instance: Any, **_: Any) -> None:
    """Let the worker take the pings that its watchdog sends."""
    instance.app.amqp.queues.select_add(queue(watchdog.queue_of(instance.hostname)))


@signals.worker_ready.connect
def _worker_is_watched(sender: Any, **_: Any) -> None:
    """Begin to ask the worker whether it still takes tasks."""
    if alive.is_wanted():
        watchdog.Watchdog(sender.app, sender.hostname).start()
