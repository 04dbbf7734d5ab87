"""`manage.py verify_ledger`: proves every balance and every payment, or prints where something began to differ."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from payments.books.proofs import LAWS, differences
from shared.progress import Progress


class Command(BaseCommand):
    """Print the first row that breaks each law; the exit code is 1 when there is one."""

    help = "Proves that entries, balances, payments, refunds and the card network's books fit together."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = differences(progress=Progress(self.stdout.write))
        for difference in found:
            self.stderr.write(f"broken: {difference.law}: {difference.row}")
        if found:
            sys.exit(1)
        self.stdout.write(f"the ledger is right: {len(LAWS)} laws hold")
