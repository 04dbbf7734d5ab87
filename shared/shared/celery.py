"""Celery, used plainly: it carries; PostgreSQL remembers (docs/messaging.md)."""

from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.db import close_old_connections
from kombu import Exchange, Queue

from shared import alive

# One timeout for all services: on one Redis database the shortest would win for everybody.
VISIBILITY_TIMEOUT = 600


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
        "retry_on_timeout": True,
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
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        # A typing error in a queue's name must fail, not make a queue that nobody reads.
        "task_create_missing_queues": False,
    }


def make_app(package: str) -> Celery:
    """Make the Celery application of the service whose settings are loaded."""
    service: str = settings.SERVICE
    app = Celery(package)
    app.conf.update(common(service, settings.BROKER_URL))
    app.conf.update(
        task_queues=[queue(f"{service}.{kind}") for kind in ("inbox", "acks", "jobs")],
        task_default_queue=f"{service}.jobs",
        task_default_exchange=f"{service}.jobs",
        task_default_routing_key=f"{service}.jobs",
        # A task leaves the queue when it is done, not when it is taken: a killed worker loses nothing.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=120,
        task_soft_time_limit=100,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=5000,
        worker_max_memory_per_child=400_000,
        worker_soft_shutdown_timeout=15,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_hijack_root_logger=False,
        worker_send_task_events=True,
        timezone="UTC",
        beat_schedule=getattr(settings, "SCHEDULE", {}),
        beat_max_loop_interval=5,
        imports=["shared.messaging.tasks"],
        # Celery closes the database connection after each task unless this is set, and a new one costs more than
        # most tasks; `_keep_a_usable_connection` looks after it instead.
        CELERY_DB_REUSE_MAX=1_000_000,
    )
    app.autodiscover_tasks()
    return app


@signals.task_prerun.connect
def _keep_a_usable_connection(**_: Any) -> None:
    """Drop the kept connection where it is broken or old, as Django does between requests."""
    close_old_connections()


@signals.beat_init.connect
def _beat_reports_life(sender: Any, **_: Any) -> None:
    """Touch the alive file at each tick of beat, for the health check."""
    scheduler = sender.scheduler
    tick = scheduler.tick

    def ticking(*args: Any, **kwargs: Any) -> Any:
        alive.beat()
        return tick(*args, **kwargs)

    scheduler.tick = ticking


@signals.heartbeat_sent.connect
def _worker_reports_life(**_: Any) -> None:
    """Touch the alive file at each heartbeat that reached the broker, for the health check."""
    alive.beat()
