"""Purchases that rules judged: what they give it and its lines, and what a return takes back of which rule."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from msgspec import structs

from points.earning.rules import Back, Given, Outcome, Part, Returned, RuleOutcome, Taken, taken_back
from points.ledger.rules.earnings import Terms, Wait, terms
from points.ledger.rules.values import ByRule
from points.programmes.rules import Programme, activates_at, end_of_lot
from points.programmes.rules.expiry import Policy
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


def stored(outcome: Outcome) -> Outcome:
    """Return what is kept of an outcome: why a rule was not met, its condition tells again at any time."""
    return structs.replace(outcome, rules=tuple(one for one in outcome.rules if one.is_met))


def gave(purchase: Purchase) -> tuple[ByRule, ...]:
    """Return which rules gave how many of a purchase's points."""
    if purchase.by_rules is None or purchase.rules_version is None:
        return ()
    found = purchase.by_rules.outcome.rules
    return tuple(ByRule(one.rule_id, purchase.rules_version, one.points) for one in found if one.points)


def terms_of(programme: Programme, purchase: Purchase, *, at: datetime) -> Terms:
    """Return when a purchase's points can be spent, and until when.

    They come together: where the rules that gave them say several things, they wait for the longest, and end as the
    programme says.
    """
    assert purchase.occurred_at
    outcome = purchase.by_rules.outcome if purchase.by_rules else None
    return terms_by(programme, outcome, earned_at=purchase.occurred_at, at=at)


def terms_by(programme: Programme, outcome: Outcome | None, *, earned_at: datetime, at: datetime) -> Terms:
    """Return when points that rules gave can be spent, and until when; as the programme says, where none did."""
    gave_points = [one for one in outcome.rules if one.points] if outcome else []
    if not any(one.pending_days is not None or one.lifetime for one in gave_points):
        return terms(programme, earned_at=earned_at, at=at)
    days = max(_days(programme, one) for one in gave_points)
    lifetimes = {one.lifetime for one in gave_points}
    (lifetime,) = lifetimes if len(lifetimes) == 1 else (None,)
    return _by_lifetime(programme, lifetime, days, earned_at=earned_at, at=at)


def _days(programme: Programme, one: RuleOutcome) -> int:
    return (programme.pending_days or 0) if one.pending_days is None else one.pending_days


def _by_lifetime(
    programme: Programme, lifetime: Policy | None, days: int, *, earned_at: datetime, at: datetime
) -> Terms:
    wait = Wait(in_days=days)
    if lifetime is None:
        return terms(programme, earned_at=earned_at, wait=wait, at=at)
    own = replace(programme, expiry=lifetime)
    due_at = activates_at(programme, earned_at=earned_at, days=days)
    if due_at is None or due_at <= at:
        return terms(own, earned_at=earned_at, wait=wait, at=at)
    end = end_of_lot(own, earned_at=due_at).expires_at
    return terms(own, earned_at=earned_at, wait=wait, expires_at=end, at=at)
