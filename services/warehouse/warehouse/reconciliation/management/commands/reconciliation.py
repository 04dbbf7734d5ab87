"""`manage.py reconciliation`: what differs from the services' own counts, as JSON, a hundred sums at most."""

from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from warehouse.reconciliation.queries import differing


class Command(BaseCommand):
    """Says for doctors which sums do not agree, the oldest day first."""

    help = "Say what differs from the services' own counts, as JSON."

    def handle(self, **_: Any) -> None:
        """Print them."""
        self.stdout.write(msgspec.json.encode(differing()).decode())
