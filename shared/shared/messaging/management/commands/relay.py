"""`manage.py relay`: the process that empties the outbox."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from shared.messaging.relay import Relay


class Command(BaseCommand):
    """Send outbox messages until SIGTERM; any number of relays may run."""

    help = "Send the outbox's messages to their consumers until stopped."
    # They load every view into a process that serves none; `make lint` makes them.
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        relay = Relay()
        signal.signal(signal.SIGTERM, relay.stop)
        signal.signal(signal.SIGINT, relay.stop)
        relay.run()
