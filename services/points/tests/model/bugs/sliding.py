"""Bugs in what an activity does to the ends of points."""

from tests.model.bugs.mutant import EARNINGS, LOTS, Mutant

_MOVES = "at < lot.expires_at < end.expires_at and"
MUTANTS = [
    Mutant("an activity moves no end", EARNINGS, "isinstance(policy, Sliding) or", "isinstance(policy, str) or"),
    Mutant("an activity revives dead points", LOTS, _MOVES, _MOVES.replace("at < ", "")),
    Mutant("an activity moves ends that were named", LOTS, "or lot.expires_on is None or", "or"),
]
