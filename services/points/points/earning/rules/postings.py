"""What is posted and kept of an outcome: which rules gave its points, and when these can be spent, and until when."""

from dataclasses import replace
from datetime import datetime

from msgspec import structs

from points.earning.rules.engine.outcome import Outcome, RuleOutcome
from points.ledger.rules.earnings import Terms, Wait, terms
from points.ledger.rules.values import ByRule
from points.programmes.rules import Programme, activates_at, end_of_lot
from points.programmes.rules.expiry import Policy


def stored(outcome: Outcome) -> Outcome:
    """Return what is kept of an outcome: why a rule was not met, its condition tells again at any time."""
    return structs.replace(outcome, rules=tuple(one for one in outcome.rules if one.is_met))


def gave_by(outcome: Outcome, version: int) -> tuple[ByRule, ...]:
    """Return which rules of a version gave how many of an outcome's points."""
    return tuple(ByRule(one.rule_id, version, one.points) for one in outcome.rules if one.points)


def terms_by(programme: Programme, outcome: Outcome, *, earned_at: datetime, at: datetime) -> Terms:
    """Return when an outcome's points can be spent, and until when.

    They come together: where the rules that gave them say several things, they wait for the longest, and end as the
    programme says.
    """
    gave_points = [one for one in outcome.rules if one.points]
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
