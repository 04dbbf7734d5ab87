"""Purchases that rules judged: what they give it and its lines, and what a return takes back of which rule."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

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
    return _named(purchase, [one for lot in _lots(purchase) for one in lot])


def _lots(purchase: Purchase) -> list[list[RuleOutcome]]:
    """Return the rules that gave points, those together whose points wait and end alike; in the order of rules."""
    found: dict[tuple[int | None, Policy | None], list[RuleOutcome]] = {}
    for one in purchase.by_rules.outcome.rules if purchase.by_rules else ():
        if one.points:
            found.setdefault((one.pending_days, one.lifetime), []).append(one)
    return list(found.values())


def _named(purchase: Purchase, rules: Iterable[RuleOutcome]) -> tuple[ByRule, ...]:
    version = purchase.rules_version
    return tuple(ByRule(one.rule_id, version, one.points) for one in rules) if version is not None else ()


class Earning(NamedTuple):
    """Points of a purchase that wait and end alike: a transaction of its own, and in time a lot. `key` names it."""

    key: str
    points: int
    rules: tuple[ByRule, ...]
    terms: Terms


def earnings_of(programme: Programme, purchase: Purchase, *, at: datetime) -> list[Earning]:
    """Return what a purchase earns: all at once, or by rules a transaction for each of their terms."""
    assert purchase.occurred_at
    lots = _lots(purchase) or [[]]
    plural = len(lots) > 1
    return [
        Earning(
            key=earning_key(purchase, place),
            points=sum(one.points for one in rules) if plural else purchase.points,
            rules=_named(purchase, rules),
            terms=_terms(programme, rules, earned_at=purchase.occurred_at, at=at),
        )
        for place, rules in enumerate(lots, start=1)
    ]


def earning_key(purchase: Purchase, place: int = 1) -> str:
    """Return the source key of a purchase's earning, or of one more of them."""
    name = "payment" if purchase.reference is None else "purchase"
    return f"{name}:{purchase.payment_id}:earn" + _suffix(place)


def later_keys(purchase: Purchase) -> list[str]:
    """Return the source keys of all that a purchase earned but of the first, which it names itself."""
    return [earning_key(purchase, place) for place in range(2, len(_lots(purchase)) + 1)]


class Together(NamedTuple):
    """Points of a purchase that came by one transaction, and which rules gave them."""

    transaction_id: UUID | None
    rules: list[RuleOutcome]

    @property
    def points(self) -> int:
        """Return how many they are."""
        return sum(one.points for one in self.rules)


def together_of(purchase: Purchase) -> list[Together]:
    """Return what rules gave a purchase, by its transactions."""
    assert purchase.by_rules
    lots = _lots(purchase)
    if not purchase.by_rules.later:
        # By one, or by none where they gave nothing.
        return [Together(purchase.transaction_id, [one for lot in lots for one in lot])] if lots else []
    return list(map(Together, (purchase.transaction_id, *purchase.by_rules.later), lots))


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


def _share(purchase: Purchase, place: int, together: Together, points: Mapping[str, int]) -> Share:
    back = [structs.replace(one, points=points[one.rule_id]) for one in together.rules if points[one.rule_id]]
    count = sum(one.points for one in back)
    return Share(together.transaction_id, _suffix(place), count, _named(purchase, back))


def _suffix(place: int) -> str:
    return f":{place}" if place > 1 else ""


def _terms(programme: Programme, rules: Sequence[RuleOutcome], *, earned_at: datetime, at: datetime) -> Terms:
    """Return when points can be spent, and until when: as all of these rules say."""
    if not rules:
        return terms(programme, earned_at=earned_at, at=at)
    first = rules[0]
    wait = Wait(in_days=first.pending_days)
    if first.lifetime is None:
        return terms(programme, earned_at=earned_at, wait=wait, at=at)
    own = replace(programme, expiry=first.lifetime)
    due_at = activates_at(programme, earned_at=earned_at, days=first.pending_days)
    if due_at is None or due_at <= at:
        return terms(own, earned_at=earned_at, wait=wait, at=at)
    end = end_of_lot(own, earned_at=due_at).expires_at
    return terms(own, earned_at=earned_at, wait=wait, expires_at=end, at=at)
