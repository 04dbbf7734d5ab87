"""Points that rules give for occasions: judged, posted, and kept with why."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from points.earning import counters
from points.earning.counters import Used
from points.earning.queries import ActiveRules
from points.earning.rules.postings import terms_by
from points.ledger.errors import TooManyPoints
from points.ledger.posting import post
from points.ledger.posting.engine import Outcome as Posted
from points.ledger.rules.values import ByRule, Kind, Posting
from points.occasions import rows
from points.occasions.judging import judge
from points.occasions.rules import Earned, Judged, Occasion
from points.programmes.rules import Programme
from points.purchases.rules.bounds import is_too_much
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.ids import new_id


def earn_by_occasions(
    programme: Programme, rules: ActiveRules, occasions: Sequence[Occasion], *, at: datetime
) -> list[Earned]:
    """Give members what rules give for occasions of one trigger, each of another member; return those that earned.

    What the ledger or the programme refuses is kept with the refusal's code, and not given later. None of them was
    judged before, and nobody else judges them meanwhile: whoever asks has seen to that.
    """
    with unit_of_work():
        found = {new_id(): one for one in judge(programme, rules, occasions) if one.outcome.points}
        earned = _posted(programme, found, at=at)
        if earned:
            rows.insert(programme.id, earned)
            counters.add(programme.id, _used(earned))
        return earned


def _posted(programme: Programme, found: dict[UUID, Judged], *, at: datetime) -> list[Earned]:
    fitting = {key: one for key, one in found.items() if not is_too_much(programme, one.outcome.points)}
    outcomes = post([_posting(programme, key, one, at=at) for key, one in fitting.items()], at=at)
    said = dict(zip(fitting, outcomes, strict=True))
    return [_earned(key, one, said.get(key, TooManyPoints())) for key, one in found.items()]


def _earned(key: UUID, one: Judged, outcome: Posted) -> Earned:
    if isinstance(outcome, DomainError):
        return Earned(key, one, no_points_reason=outcome.code)
    return Earned(key, one, transaction_id=outcome.id)


def _used(earned: Sequence[Earned]) -> list[Used]:
    given = [one.judged for one in earned if one.transaction_id]
    return [Used(one.occasion.member_id, counter, count) for one in given for counter, count in one.outcome.counted]


def _posting(programme: Programme, key: UUID, judged: Judged, *, at: datetime) -> Posting:
    occasion, outcome = judged.occasion, judged.outcome
    return Posting(
        kind=Kind.EARNED,
        programme_id=programme.id,
        member_id=occasion.member_id,
        points=outcome.points,
        reference=f"{occasion.trigger}:{occasion.key}",
        reason=str(occasion.trigger),
        source_key=f"occasion:{key}",
        occurred_at=occasion.occurred_at,
        rules=tuple(ByRule(one.rule_id, judged.version, one.points) for one in outcome.rules if one.points),
        **terms_by(programme, outcome, earned_at=occasion.occurred_at, at=at),
    )
