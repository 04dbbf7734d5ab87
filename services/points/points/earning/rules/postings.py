"""What is posted and kept of an outcome: the points that wait and end alike together, by the rules that gave them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from points.earning.rules.engine.outcome import Outcome, RuleOutcome
from points.ledger.rules.earnings import Terms, Wait, activates_at, terms
from points.ledger.rules.values import ByRule
from points.programmes.rules import Programme, end_of_lot
from points.programmes.rules.expiry import Policy


class Earning(NamedTuple):
    """Points that wait and end alike: a transaction of its own, and in time a lot. `suffix` is that of its key."""

    suffix: str
    points: int
    rules: tuple[ByRule, ...]
    terms: Terms


class Together(NamedTuple):
    """Points that came by one transaction, and which rules gave them."""

    transaction_id: UUID | None
    rules: list[RuleOutcome]

    @property
    def points(self) -> int:
        """Return how many they are."""
        return sum(one.points for one in self.rules)


def stored(outcome: Outcome) -> Outcome:
    """Return what is kept of an outcome: why a rule was not met, its condition tells again at any time."""
    return structs.replace(outcome, rules=tuple(one for one in outcome.rules if one.is_met))


def together(outcome: Outcome) -> list[list[RuleOutcome]]:
    """Return the rules that gave points, those together whose points wait and end alike; in the order of rules."""
    found: dict[tuple[int | None, Policy | None], list[RuleOutcome]] = {}
    for one in outcome.rules:
        if one.points:
            found.setdefault((one.pending_days, one.lifetime), []).append(one)
    return list(found.values())


def by_rule(rules: Iterable[RuleOutcome], version: int) -> tuple[ByRule, ...]:
    """Return how many points rules of a version gave."""
    return tuple(ByRule(one.rule_id, version, one.points) for one in rules)


def earnings_by(
    programme: Programme, outcome: Outcome, version: int, *, earned_at: datetime, at: datetime
) -> list[Earning]:
    """Return what is posted of an outcome: an earning for each of the terms of its rules."""
    return [
        Earning(
            suffix=suffix_of(place),
            points=sum(one.points for one in rules),
            rules=by_rule(rules, version),
            terms=_terms_by(programme, rules, earned_at=earned_at, at=at),
        )
        for place, rules in enumerate(together(outcome), start=1)
    ]


def later_suffixes(outcome: Outcome) -> list[str]:
    """Return the suffixes of all that is posted of an outcome but of the first."""
    return [suffix_of(place) for place in range(2, len(together(outcome)) + 1)]


def came_by(outcome: Outcome, first: UUID | None, later: Sequence[UUID]) -> list[Together]:
    """Return what rules gave, by its transactions: by one where there are no later ones, by none of no points."""
    lots = together(outcome)
    if not later:
        return [Together(first, [one for lot in lots for one in lot])] if lots else []
    return list(map(Together, (first, *later), lots))


def suffix_of(place: int) -> str:
    """Return what the key of an earning has at its end, which is nothing of the first."""
    return f":{place}" if place > 1 else ""


def _terms_by(programme: Programme, rules: Sequence[RuleOutcome], *, earned_at: datetime, at: datetime) -> Terms:
    """Return when points can be spent, and until when, as all of these rules say alike."""
    days, lifetime = rules[0].pending_days, rules[0].lifetime
    wait = Wait(in_days=days)
    if lifetime is None:
        return terms(programme, earned_at=earned_at, wait=wait, at=at)
    own = replace(programme, expiry=lifetime)
    due_at = activates_at(programme, earned_at=earned_at, days=days)
    if due_at is None or due_at <= at:
        return terms(own, earned_at=earned_at, wait=wait, at=at)
    end = end_of_lot(own, earned_at=due_at).expires_at
    return terms(own, earned_at=earned_at, wait=wait, expires_at=end, at=at)
