"""Purchases that rules judged: what they give it and its lines, and what a return takes back of which rule."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.earning.rules import Back, Given, Part, Returned, Taken, taken_back
from points.earning.rules.postings import Earning, Together, by_rule, came_by, earnings_by, later_suffixes, suffix_of
from points.ledger.rules.earnings import terms
from points.ledger.rules.values import ByRule
from points.programmes.rules import Programme
from points.purchases.rules.purchases import ByRules, Purchase, PurchaseLine, Refund, lines_after, names_lines


def judged(purchase: Purchase, version: int, by_rules: ByRules) -> Purchase:
    """Return a purchase with what rules gave it, and each of its lines."""
    outcome = by_rules.outcome
    lines = tuple(
        structs.replace(line, points=one.points) for line, one in zip(purchase.lines, outcome.lines, strict=True)
    )
    # What budgets cut is each rule's.
    said = {"rules_version": version, "by_rules": by_rules, "cut": None}
    return structs.replace(purchase, points=outcome.points, lines=lines, **said)


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


def earnings_of(programme: Programme, purchase: Purchase, *, at: datetime) -> list[Earning]:
    """Return what a purchase earns: all together by plain terms, by rules a transaction for each of theirs."""
    assert purchase.occurred_at
    if purchase.by_rules and purchase.rules_version is not None:
        outcome, version = purchase.by_rules.outcome, purchase.rules_version
        return earnings_by(programme, outcome, version, earned_at=purchase.occurred_at, at=at)
    return [Earning("", purchase.points, (), terms(programme, earned_at=purchase.occurred_at, at=at))]


def earning_key(purchase: Purchase) -> str:
    """Return the source key of a purchase's earning, the first where there are several."""
    name = "payment" if purchase.reference is None else "purchase"
    return f"{name}:{purchase.payment_id}:earn"


def later_keys(purchase: Purchase) -> list[str]:
    """Return the source keys of all that a purchase earned but of the first, which it names itself."""
    assert purchase.by_rules
    return [earning_key(purchase) + suffix for suffix in later_suffixes(purchase.by_rules.outcome)]


def together_of(purchase: Purchase) -> list[Together]:
    """Return what rules gave a purchase, by its transactions."""
    assert purchase.by_rules
    return came_by(purchase.by_rules.outcome, purchase.transaction_id, purchase.by_rules.later)


class Share(NamedTuple):
    """What a return takes back of one earning of a purchase, from its lot before any other; `suffix` is of its key."""

    transaction_id: UUID | None
    suffix: str
    points: int
    rules: tuple[ByRule, ...]


def shares_of(purchase: Purchase, taken: Taken) -> list[Share]:
    """Return what a return takes back of each earning of a purchase, of which rule."""
    points = Counter[str]()
    for given in taken.given:
        points[given.rule_id] += given.points
    shares = [_share(purchase, place, one, points) for place, one in enumerate(together_of(purchase), start=1)]
    return [share for share in shares if share.points]


def _share(purchase: Purchase, place: int, one: Together, points: Mapping[str, int]) -> Share:
    assert purchase.rules_version is not None
    back = [structs.replace(rule, points=points[rule.rule_id]) for rule in one.rules if points[rule.rule_id]]
    count = sum(rule.points for rule in back)
    return Share(one.transaction_id, suffix_of(place), count, by_rule(back, purchase.rules_version))
