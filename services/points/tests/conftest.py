"""Fixtures of the points service's tests; the roles come from shared.testing.plugin."""

from collections.abc import Iterator

import pytest

from points.programmes.queries import MEMORY

pytest_plugins = ["shared.testing.plugin"]


@pytest.fixture(autouse=True)
def _fresh_programmes() -> Iterator[None]:
    """Let every test read the programmes anew: those of the last one are gone."""
    MEMORY.forget()
    yield
    MEMORY.forget()
