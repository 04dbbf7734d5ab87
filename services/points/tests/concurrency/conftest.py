"""Fixtures of races."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.concurrency.crowd import Crowd, crowd


@pytest.fixture(scope="session")
def workers(django_db_setup: Any) -> Iterator[Crowd]:
    """Real processes; made once, because it takes a second to load the service's code."""
    with crowd() as made:
        yield made
