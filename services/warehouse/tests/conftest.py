"""Fixtures of the warehouse service's tests; the roles come from shared.testing.plugin."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories import NOON

pytest_plugins = ["shared.testing.plugin"]


@pytest.fixture(autouse=True)
def _on_the_messages_day() -> Iterator[None]:
    """Run every test on the day of its messages: what is late or open must not depend on today's date."""
    with time_machine.travel(NOON):
        yield
