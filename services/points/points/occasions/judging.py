"""What rules give to occasions: the same engine as purchases, with what is known of their members."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from points.earning import counters
from points.earning.counters import Uses
from points.earning.queries import ActiveRules
from points.earning.rules import (
    IS_FIRST_PURCHASE,
    NOTHING_NEEDED,
    Facts,
    Needs,
    evaluate,
    facts_of,
    local_time,
    period_of,
    typed_values,
)
from points.occasions.rules import Judged, Occasion
from points.programmes.rules import Programme
from points.purchases.queries import who_bought
from points.segments.queries.segments import known_of
from points.segments.rules.members import asks_members, said_of


def judge(programme: Programme, rules: ActiveRules, occasions: Sequence[Occasion]) -> list[Judged]:
    """Return what rules give to occasions of one trigger, each of another member.

    Locks the members of whom something is counted, until the transaction ends.
    """
    needs = rules.ready.needs.get(occasions[0].trigger, NOTHING_NEEDED)
    uses, known = _uses(programme, needs, occasions), _known(programme, rules, needs, occasions)
    return [_judged(programme, rules, one, known[one.member_id], uses) for one in occasions]


def facts_of_occasion(rules: ActiveRules, occasion: Occasion, known: Mapping[str, Any], *, timezone: str) -> Facts:
    """Return what an occasion tells rules."""
    return facts_of(
        rules.fields,
        trigger=occasion.trigger,
        values=typed_values(rules.fields, known),
        at=occasion.occurred_at,
        timezone=timezone,
    )


def _judged(programme: Programme, rules: ActiveRules, one: Occasion, known: Mapping[str, Any], uses: Uses) -> Judged:
    said = {**known, **one.values}
    facts = facts_of_occasion(rules, one, said, timezone=programme.timezone)
    outcome = evaluate(rules.ready, facts, uses.get(one.member_id, {}), rules.rounding)
    return Judged(occasion=one, version=rules.version, timezone=programme.timezone, known=said, outcome=outcome)


def _uses(programme: Programme, needs: Needs, occasions: Sequence[Occasion]) -> Uses:
    if not needs.periods:
        return {}
    days = {one.member_id: local_time(one.occurred_at, programme.timezone)["time.date"] for one in occasions}
    names = {who: {period_of(per, day) for per in needs.periods} for who, day in days.items()}
    return counters.lock_and_read(programme.id, names)


def _known(
    programme: Programme, rules: ActiveRules, needs: Needs, occasions: Sequence[Occasion]
) -> dict[UUID, dict[str, Any]]:
    members = [one.member_id for one in occasions]
    found: dict[UUID, dict[str, Any]] = {member_id: {} for member_id in members}
    if asks_members(needs):
        for member_id, known in known_of(programme.id, members).items():
            found[member_id] |= said_of(known, rules.fields, needs)
    if IS_FIRST_PURCHASE in needs.fields:
        bought = who_bought(members, programme_id=programme.id)
        for member_id in members:
            found[member_id][IS_FIRST_PURCHASE] = member_id not in bought
    return found
