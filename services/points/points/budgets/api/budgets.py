"""Budgets of a programme over HTTP."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.budgets import operations
from points.budgets.api.answers import BudgetAnswer, BudgetPeriodAnswer, budget_json, period_json
from points.budgets.api.bodies import BudgetBody, NewBudget
from points.budgets.errors import (
    BudgetCampaignUnknown,
    BudgetExists,
    BudgetNotFound,
    BudgetRuleUnknown,
    BudgetTooLarge,
    BudgetTooSmall,
    TooManyBudgets,
)
from points.budgets.queries import budget, budgets, check_code, periods
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.segments.api.access import OPERATORS, SEE
from shared import clock
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, no_content, reply
from shared.idempotency.replay import Reply, once

_BY_CODE = ("code",)
_BY_PERIOD = ("-period", "-each")
_NOT_FOUND = (ProgrammeNotFound, BudgetNotFound)


class Budgets(ServiceView):
    """All budgets of a programme."""

    scopes = {"GET": SEE, "POST": OPERATORS}

    @operation(
        "list_budgets",
        "List the budgets of a programme, by their codes",
        query=PageQuery,
        answers={200: page_of(BudgetAnswer)},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request, programme_id: UUID) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        return page_reply(request, budgets(programme(programme_id).id), budget_json, ordering=_BY_CODE)

    @operation(
        "create_budget",
        "Say how much rules may give in a period, one rule or all, or the vouchers of a campaign",
        body=NewBudget,
        answers={201: BudgetAnswer},
        moves_value=True,
        refuses=(
            ProgrammeNotFound,
            BudgetCampaignUnknown,
            BudgetExists,
            BudgetRuleUnknown,
            BudgetTooLarge,
            BudgetTooSmall,
            TooManyBudgets,
        ),
    )
    def post(self, request: Request, programme_id: UUID) -> HttpResponse:
        body, who = {"rule_id": None, "each": None} | parse(NewBudget, request.data), caller_of(request).id

        def run() -> Reply:
            made = operations.create_budget(programme_id, **body, actor_id=who, at=clock.now())
            return Reply(201, budget_json(made))

        return once(request, run)


class OneBudget(ServiceView):
    """A budget of a programme."""

    scopes = {"GET": SEE, "PUT": OPERATORS, "DELETE": OPERATORS}

    @operation("get_budget", "Read a budget", answers={200: BudgetAnswer}, refuses=_NOT_FOUND)
    def get(self, _request: Request, programme_id: UUID, budget_code: str) -> HttpResponse:
        check_code(budget_code)
        return reply(budget_json(budget(programme(programme_id).id, budget_code)))

    @operation(
        "replace_budget",
        "Give a budget another name, more or less to give, or another percentage",
        body=BudgetBody,
        answers={200: BudgetAnswer},
        refuses=(*_NOT_FOUND, BudgetTooLarge, BudgetTooSmall),
    )
    def put(self, request: Request, programme_id: UUID, budget_code: str) -> HttpResponse:
        body, who = parse(BudgetBody, request.data), caller_of(request).id
        check_code(budget_code)
        return reply(
            budget_json(operations.change_budget(programme_id, budget_code, **body, actor_id=who, at=clock.now()))
        )

    @operation("end_budget", "End a budget: its code is free", answers={204: "ended"}, refuses=_NOT_FOUND)
    def delete(self, request: Request, programme_id: UUID, budget_code: str) -> HttpResponse:
        check_code(budget_code)
        operations.end_budget(programme_id, budget_code, actor_id=caller_of(request).id, at=clock.now())
        return no_content()


class BudgetPeriods(ServiceView):
    """What was used of a budget."""

    scopes = {"GET": SEE}

    @operation(
        "list_budget_periods",
        "List what was used of a budget by period, the last one first",
        query=PageQuery,
        answers={200: page_of(BudgetPeriodAnswer)},
        refuses=_NOT_FOUND,
    )
    def get(self, request: Request, programme_id: UUID, budget_code: str) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        check_code(budget_code)
        row = budget(programme(programme_id).id, budget_code)
        return page_reply(request, periods(row), partial(period_json, budget=row), ordering=_BY_PERIOD)
