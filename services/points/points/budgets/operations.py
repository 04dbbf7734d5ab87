"""Writes of budgets: what they are, under the lock of the programme's rules, and what is used of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from points.budgets import rows
from points.budgets.errors import (
    BudgetCampaignUnknown,
    BudgetExists,
    BudgetRuleUnknown,
    BudgetTooLarge,
    BudgetTooSmall,
    TooManyBudgets,
)
from points.budgets.models import Budget
from points.budgets.queries import MEMORY, budget, budgets
from points.budgets.rules import MOST_UNITS, summed, units_of
from points.earning.locks import lock_rules
from points.earning.queries import has_rule
from points.earning.rules import Period, Place, Spent, period_of
from points.messages.outgoing.budgets import budget_alert, budget_changed, budget_used
from points.programmes.queries import programme
from shared.db import unit_of_work
from shared.messaging.outbox import publish
from shared.zones import local_day

MOST_BUDGETS = 100


def create_budget(
    programme_id: UUID,
    *,
    code: str,
    rule_id: str | None,
    campaign_id: UUID | None = None,
    of: str,
    most: int,
    actor_id: UUID,
    at: datetime,
    **said: Any,
) -> Budget:
    """Let a programme have a budget, on one of its rules, on all, or on the vouchers of a campaign; it counts what is
    judged or used from then on.

    :raises ProgrammeNotFound: there is none.
    :raises BudgetExists: there is one with this code.
    :raises TooManyBudgets: the programme has as many as it may.
    :raises BudgetRuleUnknown: no version has a rule with this id.
    :raises BudgetCampaignUnknown: the programme has no such campaign.
    :raises BudgetTooSmall, BudgetTooLarge: so much money is worth no point, or more than can be counted.
    """
    with unit_of_work():
        lock_rules(programme_id)
        codes = set(budgets(programme_id).values_list("code", flat=True))
        if code in codes:
            raise BudgetExists()
        if len(codes) >= MOST_BUDGETS:
            raise TooManyBudgets(most=MOST_BUDGETS)
        if rule_id is not None and not has_rule(programme_id, rule_id):
            raise BudgetRuleUnknown(rule_id=rule_id)
        if campaign_id is not None and not rows.limit_campaign(programme_id, campaign_id):
            raise BudgetCampaignUnknown(campaign_id=str(campaign_id))
        by = {"created_at": at, "created_by": actor_id, "changed_at": at, "changed_by": actor_id}
        on = {"rule_id": rule_id, "campaign_id": campaign_id}
        counted = _counted(programme_id, of, most, is_of_points=campaign_id is None)
        made = Budget.objects.create(programme_id=programme_id, code=code, of=of, **on, **said, **counted, **by)
        publish([budget_changed(made, at=at)], at=at)
    MEMORY.invalidate()
    return made


def _counted(programme_id: UUID, of: str, most: int, *, is_of_points: bool) -> dict[str, Any]:
    """Return how much a budget has, as it is counted: what rules give by the value that a point has now, and what
    vouchers take off as it is."""
    if not is_of_points:
        return {"most": most, "units": most, "value_points": None, "value_amount": None}
    found = programme(programme_id)
    if not (units := units_of(of, most, found)):
        raise BudgetTooSmall()
    if units > MOST_UNITS:
        raise BudgetTooLarge(most=MOST_UNITS)
    value = (found.value_points, found.value_amount) if of == "money" else (None, None)
    return {"most": most, "units": units, "value_points": value[0], "value_amount": value[1]}


def change_budget(
    programme_id: UUID, code: str, *, name: str, most: int, alert_percent: int, actor_id: UUID, at: datetime
) -> Budget:
    """Let a budget have another name, more or less to give, or another percentage. What was given stays given; where it
    comes to the percentage by that, in the period of today, it is published.

    :raises ProgrammeNotFound, BudgetNotFound: there is none.
    :raises BudgetTooSmall, BudgetTooLarge: so much money is worth no point, or more than can be counted.
    """
    with unit_of_work():
        lock_rules(programme_id)
        row = budget(programme_id, code)
        changed = {"name": name, "alert_percent": alert_percent, "changed_at": at, "changed_by": actor_id}
        changed |= _counted(programme_id, row.of, most, is_of_points=row.campaign_id is None)
        for field, value in changed.items():
            setattr(row, field, value)
        row.save(update_fields=list(changed))
        publish([budget_changed(row, at=at)], at=at)
        _alert_today(row, at=at)
    MEMORY.invalidate()
    return row


def _alert_today(row: Budget, *, at: datetime) -> None:
    """Publish that a budget for all came to its percentage in the period of today by what was changed of it."""
    if row.each is None:
        today = local_day(at, programme(row.programme_id).timezone)
        place = Place(row.id, period_of(cast("Period", row.per), today))
        if rows.lock_and_read([place]):
            publish([budget_alert(one, at=at) for one in rows.spend({place: 0}, at=at)], at=at)


def end_budget(programme_id: UUID, code: str, *, actor_id: UUID, at: datetime) -> None:
    """End a budget: it counts nothing any more, and its code is free. What was used of it stays known.

    :raises ProgrammeNotFound, BudgetNotFound: there is none.
    """
    with unit_of_work():
        lock_rules(programme_id)
        row = budget(programme_id, code)
        row.ended_at, row.ended_by = at, actor_id
        row.save(update_fields=["ended_at", "ended_by"])
        publish([budget_changed(row, at=at)], at=at)
    MEMORY.invalidate()


def spend(spent: Iterable[Spent], *, at: datetime) -> None:
    """Count what is used of budgets whose rooms are locked; each that comes to its percentage is published once for
    its period."""
    if used := summed(spent):
        reached = rows.spend(used, at=at)
        publish([*budget_used(used, at=at), *(budget_alert(one, at=at) for one in reached)], at=at)


def lock_spent(spent: Iterable[Spent]) -> None:
    """Lock the budgets that something is given back to. Call it before accounts are locked, as whoever earns does."""
    if used := summed(spent):
        rows.lock_and_read(used)


def give_back(spent: Iterable[Spent], *, at: datetime) -> None:
    """Count no more what came back, in the periods in which it was used; budgets are locked."""
    if used := summed(spent):
        rows.give_back(used, at=at)
        publish(budget_used({place: -count for place, count in used.items()}, at=at), at=at)
