"""Bugs in what purchases earn and returns take back."""

from tests.model.bugs.mutant import PROGRAMMES, PURCHASES, RETURNS, Mutant

_ONE_LINE = "cumulative_share(line.points, returned=returned, total=line.amount)"
MUTANTS = [
    Mutant("a return takes from other lots first", RETURNS, "[*own, *others]", "[*others, *own]"),
    Mutant(
        "a return counts on dead points",
        RETURNS,
        "for lot in lots if is_alive(lot, at=at))",
        "for lot in lots)",
    ),
    Mutant(
        "a returned share is rounded down",
        PURCHASES,
        "(2 * points * returned + total) // (2 * total)",
        "points * returned // total",
    ),
    Mutant(
        "shares of returns are not cumulative",
        PURCHASES,
        _ONE_LINE,
        "line.points_returned + cumulative_share(line.points, returned=amount, total=line.amount)",
    ),
    Mutant(
        "the last refund leaves what rounding left", PURCHASES, "left if returned >= purchase.amount else min", "min"
    ),
    Mutant(
        "an amount earns points rounded up",
        PROGRAMMES,
        "amount * programme.earn_points // programme.earn_amount",
        "-(-amount * programme.earn_points // programme.earn_amount)",
    ),
]
