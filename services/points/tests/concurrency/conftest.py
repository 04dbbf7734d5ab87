"""Fixtures of races."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from tests.concurrency.crowd import Crowd, crowd


@pytest.fixture(scope="session")
def workers(django_db_setup: Any) -> Iterator[Crowd]:
    """Real processes; made once, because it takes a second to load the service's code."""
    with crowd() as made:
        yield made


@pytest.fixture
def other_thread() -> Iterator[ThreadPoolExecutor]:
    """A thread with a connection of its own."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool
        pool.submit(connections.close_all).result(timeout=30)
