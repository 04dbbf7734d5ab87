"""Health: is the process up, and may it take requests?"""

import logging
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from shared.http.views import reply

log = logging.getLogger(__name__)


def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return reply({"status": "ok", "service": settings.SERVICE})


def readyz(_request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served: the database answers and has every migration, and a key is known.

    A broker that is away is reported and is no reason to stop: messages wait in the outbox.
    """
    checks = {"database": _database(), "migrations": False, "broker": _broker()}
    checks["migrations"] = checks["database"] and _is_migrated()
    ready = checks["database"] and checks["migrations"]
    return reply({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("the database does not answer: %s", error)
        connection.close()
        return False
    return True


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _broker() -> bool:
    address = urlsplit(settings.BROKER_URL)
    try:
        with socket.create_connection((address.hostname or "localhost", address.port or 6379), timeout=1):
            return True
    except OSError:
        return False
