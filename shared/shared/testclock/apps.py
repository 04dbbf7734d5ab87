"""The application of the test clock."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

from shared import clock


def check_clock(**_: Any) -> None:
    """Refuse a database whose time was moved, outside of a sandbox; `migrate` runs before every process of a service.

    :raises ImproperlyConfigured: it was.
    """
    from shared.testclock.reading import check_not_moved

    if not settings.SANDBOX:
        check_not_moved()


class TestClockConfig(AppConfig):
    name = "shared.testclock"
    label = "testclock"

    def ready(self) -> None:
        """Read the installation's time where it may be moved."""
        from shared.testclock.reading import READING

        post_migrate.connect(check_clock, sender=self)
        if settings.SANDBOX:
            clock.read_by(READING)
