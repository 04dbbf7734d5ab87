"""Bugs in what waits."""

from tests.model.bugs.mutant import DUE, EARNINGS, PENDING, POSTINGS, RETURNS, Mutant

MUTANTS = [
    Mutant("pending points are spendable", POSTINGS, "if posting.activates:", "if False:"),
    Mutant(
        "a cancelled pending earning is activated",
        PENDING,
        "return open_or_refuse(found, at=at)",
        "return structs.replace(found, remaining=found.remaining or found.points)",
    ),
    Mutant(
        "what waited for an event in vain is activated",
        PENDING,
        "if found.on_event:\n        return move",
        "if False:\n        return move",
    ),
    Mutant("points wait at the instant they are due", PENDING, "at >= found.due_at", "at > found.due_at"),
    Mutant("activated points pay no debt", PENDING, "min(found.remaining, -account", "min(0, -account"),
    Mutant(
        "an activated lot ends as if it had never waited",
        PENDING,
        "end_of_lot(found.programme_id, activated_at)",
        "end_of_lot(found.programme_id, found.created_at)",
    ),
    Mutant(
        "a cancellation leaves the points issued",
        PENDING,
        '("issued", found.remaining)',
        '("adjusted", found.remaining)',
    ),
    Mutant("a return leaves what is pending", PENDING, "if missing and one.id in", "if one.id not in"),
    Mutant(
        "what is due is done in any order",
        DUE,
        "sorted(_due_of(account, end_of_lot, at), key=_turn)",
        "_due_of(account, end_of_lot, at)",
    ),
    Mutant("points may end before they can be spent", EARNINGS, "expires_at <= due_at", "expires_at < earned_at"),
    Mutant(
        "a programme's points wait a day less",
        EARNINGS,
        "timedelta(days=days), programme",
        "timedelta(days=days - 1), programme",
    ),
    Mutant(
        "what was cancelled while it waited is taken back again",
        RETURNS,
        "if pending.was_cancelled(account, posting):",
        "if False:",
    ),
]
