"""The report of budgets over HTTP: sums alone, so that it names no member."""

from django.http import HttpResponse
from rest_framework.request import Request

from shared.http.swagger import operation
from warehouse.reports import queries
from warehouse.reports.api.answers import TABLE, answer
from warehouse.reports.api.bodies import BudgetParameters, form_of, parameters_of, periods_of
from warehouse.reports.api.views import ReportView
from warehouse.reports.errors import ReportRangeReversed, ReportRangeTooLong


class BudgetBurnDown(ReportView):
    """What was used of budgets by period."""

    @operation(
        "report_budgets",
        "What was used of budgets, given back and is left, by period and programme",
        query=BudgetParameters,
        answers={200: TABLE},
        refuses=(ReportRangeReversed, ReportRangeTooLong),
    )
    def get(self, request: Request) -> HttpResponse:
        """Sum what was used of budgets' periods and given back; days without any are left out."""
        parameters = parameters_of(request, BudgetParameters)
        which = {"programme": parameters.get("programme"), "budget": parameters.get("budget")}
        table = queries.budget_burn_down(periods_of(parameters), **which)
        return answer(table, form=form_of(request, parameters), name="budgets")
