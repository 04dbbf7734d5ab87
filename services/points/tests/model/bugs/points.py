"""Bugs in what gives, spends, sets aside, gives away and ends points."""

from tests.model.bugs.mutant import DUE, EXPIRY, HOLDS, LOTS, POSTINGS, PROGRAMMES, RETURNS, TRANSFERS, VALUES, Mutant

_ORDER = "return lot.expires_at or _NEVER, lot.number"
_OWED = "owed = min(points, -account.buckets["
_PAID = 'paid = min(posting.points, -account.buckets["deficit"])'
_BACK = 'give_back(account, found.points - found.captured, "held", rest)'
MUTANTS = [
    Mutant("of lots that end together the youngest pays", LOTS, _ORDER, _ORDER.replace("lot.number", "-lot.number")),
    Mutant("never-ending lots pay first", LOTS, _ORDER, _ORDER.replace("_NEVER", "datetime.min.replace(tzinfo=UTC)")),
    Mutant("points are alive at the instant they end", LOTS, "lot.expires_at > at", "lot.expires_at >= at"),
    Mutant(
        "a spend is granted in part", LOTS, "    if missing:\n        raise", "    if missing == points:\n        raise"
    ),
    Mutant("what comes back pays no debt", LOTS, _OWED, _OWED.replace("min(points", "min(0")),
    Mutant(
        "what comes back goes to the wrong lots",
        LOTS,
        "_, gives = split(spent, owed)",
        "gives, _ = split(spent, points - owed)",
    ),
    Mutant("an earning pays no debt", POSTINGS, _PAID, _PAID.replace("posting.points", "0")),
    Mutant("a lot ends while it lives", LOTS, "and lot.remaining and not is_alive(lot, at=at)]", "and lot.remaining]"),
    Mutant("a cause named twice in a list acts twice", POSTINGS, "seen[posting.source_key] = decided", "pass"),
    Mutant(
        "a key stands for any number of points", POSTINGS, "before.points != abs(posting.points)", "before.points < 0"
    ),
    Mutant("a reversal is booked as a return", RETURNS, "counter = COUNTERS[original.kind]", 'counter = "returned"'),
    Mutant("a balance may outgrow the ledger", POSTINGS, "-LARGEST_BALANCE or", "-2 * LARGEST_BALANCE or"),
    Mutant("a hold holds at the instant it ends", HOLDS, "hold.expires_at <= at", "hold.expires_at < at"),
    Mutant(
        "a capture spends the last points of a hold",
        HOLDS,
        "split(hold.lots, hold.captured)[0]",
        "split(hold.lots, hold.points - hold.captured)[1]",
    ),
    Mutant(
        "a release gives back what was captured too",
        HOLDS,
        _BACK,
        'give_back(account, found.points, "held", found.lots)',
    ),
    Mutant(
        "a closed hold is captured again",
        HOLDS,
        "found = open_or_refuse(_named(account, posting), at=at)",
        "found = _named(account, posting)",
    ),
    Mutant("holds whose time has passed stay", DUE, "if is_overdue(one, at=at)", "if False"),
    Mutant(
        "a transfer loses the ends of points",
        TRANSFERS,
        "Lot(new_id(), count, at, number, on)",
        "Lot(new_id(), count, None, number, None)",
    ),
    Mutant(
        "a transfer pays debts with the last points", TRANSFERS, "split(arrived, paid)[1]", "split(arrived, left)[0]"
    ),
    Mutant("points end a day early", EXPIRY, "timedelta(days=policy.count)", "timedelta(days=policy.count - 1)"),
    Mutant("points end at midnight in Greenwich", EXPIRY, "days=grace_days), timezone)", 'days=grace_days), "UTC")'),
    Mutant(
        "four eyes are needed at the limit already",
        PROGRAMMES,
        "> programme.adjustment_limit",
        ">= programme.adjustment_limit",
    ),
    Mutant(
        "reinstated points are booked as corrected", VALUES, 'Kind.REINSTATED: "expired"', 'Kind.REINSTATED: "adjusted"'
    ),
]
