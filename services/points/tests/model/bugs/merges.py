"""Bugs in what becomes of two members who are one person."""

from tests.model.bugs.mutant import MERGES, POSTINGS, TRANSFERS, Mutant

MUTANTS = [
    Mutant("a merge forgets a debt", MERGES, "if owed else [])", "if False else [])"),
    Mutant("a merge leaves what is pending", MERGES, '["available"] + waiting', '["available"]'),
    Mutant("points are posted to a merged member", POSTINGS, "if account.merged_into is not None and", "if False and"),
    Mutant(
        "what has ended goes on to whose the points are now",
        MERGES,
        "for lot in lots if is_alive(lot, at=at)",
        "for lot in lots",
    ),
    Mutant(
        "what a merge brings pending was never issued there",
        TRANSFERS,
        '("pending", waiting), ("issued", -waiting)',
        '("pending", waiting), ("redeemed", -waiting)',
    ),
]
