"""Bugs in what purchases earn and returns take back."""

from tests.model.bugs.mutant import CLAIMS, PROGRAMMES, PURCHASES, RETURNS, Mutant

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
    Mutant("pending_only takes from spent points", RETURNS, 'if policy.name == "pending_only":', "if False:"),
    Mutant("floor_zero owes", RETURNS, 'if policy.name == "floor_zero":', "if False:"),
    Mutant("the arrears cap is ignored", RETURNS, "points if policy.cap is None else", "points if True else"),
    Mutant("a debt does not count against the cap", RETURNS, "policy.cap - owed)", "policy.cap)"),
    Mutant(
        "restored points get a new end",
        RETURNS,
        '"redeemed", posting.restores)',
        '"redeemed", [Lot(x.id, x.remaining, None, x.number) for x in posting.restores])',
    ),
    Mutant(
        "the redemption that paid first comes back first",
        PURCHASES,
        "in reversed(purchase.spends)",
        "in purchase.spends",
    ),
    Mutant("of a redemption the first points come back first", PURCHASES, "left - points)[1]", "points)[0]"),
    Mutant(
        "what paid comes back again with each return",
        PURCHASES,
        "target - sum(spend.restored for spend in purchase.spends)",
        "target",
    ),
    Mutant(
        "pieces cost what one of them did",
        CLAIMS,
        "    return after - before",
        "    return quantity * (line.amount // line.quantity)",
    ),
    Mutant(
        "points that pay earn points too", PROGRAMMES, "points * programme.value_amount // programme.value_points", "0"
    ),
]
