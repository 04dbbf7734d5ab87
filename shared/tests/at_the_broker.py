"""A broker's queues, what a relay puts on them, and processes that take it."""

import base64
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from shared.messaging.outbox import publish
from tests.test_messages import payment

QUEUES = ("points:points.inbox.points", "points:points.acks.points", "warehouse:warehouse.inbox.points")
BULK_QUEUES = ("points:points.inbox.points.bulk", "warehouse:warehouse.inbox.points.bulk", "points:points.jobs")


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """Return a broker whose queues are empty."""
    client = redis.Redis.from_url(settings.BROKER_URL)
    with administrator() as admin:  # no service may take away what it has sent to another
        admin.delete(*QUEUES, *BULK_QUEUES)
        yield client
        admin.delete(*QUEUES, *BULK_QUEUES)
    client.close()


def publish_payments(count: int) -> None:
    """Publish so many payments."""
    with transaction.atomic():
        publish([payment(f"order-{number}") for number in range(count)])


def envelopes(task: bytes) -> list[dict[str, object]]:
    """Read what the relay put on the queue: a task whose argument has envelopes in text in base64, long ones zipped."""
    message = json.loads(task)
    body = base64.b64decode(message["body"])
    _, keywords, _ = json.loads(zlib.decompress(body) if "compression" in message["headers"] else body)
    return json.loads(keywords["pack"])


def administrator() -> redis.Redis:
    """Return the broker for one who may do all."""
    address = urlsplit(settings.BROKER_URL)
    password = os.environ["REDIS_ADMIN_PASSWORD"]
    return redis.Redis(address.hostname, address.port, username="admin", password=password)


def end(running: list[subprocess.Popen[bytes]]) -> None:
    """End processes."""
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=60)


def processes(tmp_path: Path, count: int = 2, children: int = 1, **more: str) -> list[subprocess.Popen[bytes]]:
    """Start a worker, and a relay beside it."""
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    env = {**os.environ, "POINTS_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.project.settings", **more}
    here = Path(__file__).parent.parent
    worker = [sys.executable, "-m", "celery", "-A", "tests.project.celery", "worker"]
    commands = [
        [*worker, "--concurrency", str(children), "-n", "points@tests", "--loglevel", "WARNING"],
        [sys.executable, "-m", "django", "relay"],
    ]
    logs = [open(tmp_path / f"{number}.log", "wb") for number in range(count)]  # noqa: SIM115 – closed with the processes
    return [
        subprocess.Popen(command, cwd=here, env=env, stdout=log, stderr=log)
        for command, log in zip(commands, logs, strict=False)
    ]
