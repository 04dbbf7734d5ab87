"""`manage.py verify_ledger`: proves every balance and every payment, or prints where something began to differ."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from payments.books.proofs import INVARIANTS, differences
from shared.jobs.progress import Progress


class Command(BaseCommand):
    """Print the first row that breaks each invariant; the exit code is 1 when there is one."""

    help = "Proves that entries, balances, payments, refunds and the card network's books agree."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = differences(progress=Progress(self.stdout.write))
        for difference in found:
            self.stderr.write(f"broken: {difference.invariant}: {difference.row}")
        if found:
            sys.exit(1)
        self.stdout.write(f"the ledger holds: {len(INVARIANTS)} invariants")
