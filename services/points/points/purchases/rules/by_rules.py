"""Purchases that rules judged: what they give it and its lines, and what a return takes back of which rule."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import structs

from points.earning.rules import Back, Given, Part, Returned, Taken, taken_back
from points.earning.rules.postings import gave_by, terms_by
from points.ledger.rules.earnings import Terms, terms
from points.ledger.rules.values import ByRule
from points.programmes.rules import Programme
from points.purchases.rules.purchases import ByRules, Purchase, PurchaseLine, Refund, lines_after, names_lines


def judged(purchase: Purchase, version: int, by_rules: ByRules) -> Purchase:
    """Return a purchase with what rules gave it, and each of its lines."""
    outcome = by_rules.outcome
    lines = tuple(
        structs.replace(line, points=one.points) for line, one in zip(purchase.lines, outcome.lines, strict=True)
    )
    return structs.replace(purchase, points=outcome.points, lines=lines, rules_version=version, by_rules=by_rules)


def claw_back_by_rules(purchase: Purchase, refund: Refund) -> tuple[Taken, Purchase]:
    """Return what a refund takes back of what each rule gave, and the purchase after it."""
    assert purchase.by_rules
    lines = lines_after(purchase.lines, refund.lines) if names_lines(purchase, refund) else purchase.lines
    after = structs.replace(purchase, returned=purchase.returned + refund.amount, lines=lines)
    taken = taken_back(purchase.by_rules.outcome, _returned(purchase), _step(purchase, after))
    points = purchase.points_returned + taken.points
    lines = tuple(_line(before, line, taken.given) for before, line in zip(purchase.lines, lines, strict=True))
    return taken, structs.replace(after, points_returned=points, lines=lines)


def _line(before: PurchaseLine, after: PurchaseLine, given: Iterable[Given]) -> PurchaseLine:
    points = sum(one.points for one in given if one.part is Part.LINE and one.line_id == before.line_id)
    return structs.replace(after, points_returned=before.points_returned + points)


def _returned(purchase: Purchase) -> Returned:
    """Return what came back of a purchase so far; what no line says of the money is of none."""
    back = {line.line_id: Back(line.returned, line.quantity_returned) for line in purchase.lines}
    return Returned(
        lines={line_id: one for line_id, one in back.items() if one.amount or one.quantity},
        other=max(0, purchase.returned - sum(one.amount for one in back.values())),
        is_whole=bool(purchase.amount) and purchase.returned >= purchase.amount,
    )


def _step(before: Purchase, after: Purchase) -> Returned:
    was, now = _returned(before), _returned(after)
    known = {line_id: was.lines.get(line_id, Back(0, 0)) for line_id in now.lines}
    lines = {
        line_id: Back(one.amount - known[line_id].amount, one.quantity - known[line_id].quantity)
        for line_id, one in now.lines.items()
    }
    return Returned(lines=lines, other=now.other - was.other, is_whole=now.is_whole)


def gave(purchase: Purchase) -> tuple[ByRule, ...]:
    """Return which rules gave how many of a purchase's points."""
    if purchase.by_rules is None or purchase.rules_version is None:
        return ()
    return gave_by(purchase.by_rules.outcome, purchase.rules_version)


def terms_of(programme: Programme, purchase: Purchase, *, at: datetime) -> Terms:
    """Return when a purchase's points can be spent, and until when."""
    assert purchase.occurred_at
    if purchase.by_rules is None:
        return terms(programme, earned_at=purchase.occurred_at, at=at)
    return terms_by(programme, purchase.by_rules.outcome, earned_at=purchase.occurred_at, at=at)
