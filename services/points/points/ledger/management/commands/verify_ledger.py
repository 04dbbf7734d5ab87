"""`manage.py verify_ledger [--member ID]`: proves every balance, or prints where something began to differ."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from points.ledger.models import Account
from points.ledger.proofs import INVARIANTS, differences
from points.seals.proofs import chain_difference, head
from shared.jobs.progress import Progress


class Command(BaseCommand):
    """Print the first row that breaks each invariant; the exit code is 1 when there is one."""

    help = "Proves that entries, balances, lots and allocations agree, and that they are what was sealed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--member", type=UUID, help="look at one member's accounts only")

    def handle(self, *_args: Any, member: UUID | None, **_options: Any) -> None:
        if member and not Account.objects.filter(member_id=member).exists():
            raise CommandError(f"there is no member {member} here: nobody of this id ever had points")
        progress = Progress(self.stdout.write)
        found = differences(member, progress=progress)
        if member is None and (unsealed := chain_difference(progress=progress)):
            found.append(unsealed)
        for difference in found:
            self.stderr.write(f"broken: {difference.invariant}: account {difference.account_id}: {difference.row}")
        if found:
            sys.exit(1)
        self.stdout.write(f"the ledger holds: {len(INVARIANTS)} invariants")
        if member is None and (newest := head()):
            self.stdout.write(f"and it is what was sealed: block {newest[0]} is {newest[1]}")
