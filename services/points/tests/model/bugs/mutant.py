"""A bug that is planted in a copy of the package: a piece of the rules' text, and what is put in its place."""

from dataclasses import dataclass
from pathlib import Path

DUE = "ledger/rules/due.py"
LOTS, POSTINGS, HOLDS = "ledger/rules/lots.py", "ledger/rules/postings.py", "ledger/rules/holds.py"
TRANSFERS, PURCHASES, RETURNS = "ledger/rules/transfers.py", "purchases/rules/purchases.py", "ledger/rules/returns.py"
PENDING, EARNINGS, MERGES = "ledger/rules/pending.py", "ledger/rules/earnings.py", "ledger/rules/merges.py"
CLAIMS, VALUES = "purchases/rules/claims.py", "ledger/rules/values/kinds.py"
PROGRAMMES, EXPIRY = "programmes/rules/__init__.py", "programmes/rules/expiry.py"


class StaleMutantError(Exception):
    """The text that a mutant replaces is not in the source exactly once."""


@dataclass(frozen=True)
class Mutant:
    """A bug: in which file which text becomes which."""

    name: str
    file: str
    old: str
    new: str

    def plant(self, package: Path) -> None:
        """Write the bug into a copy of the package.

        :raises StaleMutantError: the text to replace is not there exactly once.
        """
        path = package / self.file
        source = path.read_text()
        if source.count(self.old) != 1:
            raise StaleMutantError(
                f"{self.name}: {self.file} has {self.old!r} {source.count(self.old)} times, not once"
            )
        path.write_text(source.replace(self.old, self.new))
