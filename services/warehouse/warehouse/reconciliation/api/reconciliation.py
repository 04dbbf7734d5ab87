"""The list of comparisons over HTTP."""

from django.http import HttpResponse
from rest_framework.request import Request

from shared import clock
from shared.http.swagger import operation
from shared.zones import ZoneInfo
from warehouse.reconciliation import queries
from warehouse.reconciliation.api.bodies import ReconciliationParameters
from warehouse.reports.api.answers import TABLE, answer
from warehouse.reports.api.bodies import days_of, form_of, parameters_of
from warehouse.reports.api.views import ReportView
from warehouse.reports.errors import ReportRangeReversed, ReportRangeTooLong
from warehouse.reports.queries import as_of
from warehouse.reports.rules import periods
from warehouse.reports.tables import Table

_COLUMNS = (
    "day ledger unit kind status ours_count theirs_count count_difference"
    " ours_total theirs_total total_difference totals_as_of age_seconds"
)
_UTC = ZoneInfo("UTC")


class Reconciliation(ReportView):
    """Our facts beside the services' own counts."""

    @operation(
        "compare_totals",
        "Facts compared with the ledgers' own day totals",
        query=ReconciliationParameters,
        answers={200: TABLE},
        refuses=(ReportRangeReversed, ReportRangeTooLong),
    )
    def get(self, request: Request) -> HttpResponse:
        """List for each UTC day, ledger, unit and kind: ours, theirs, the difference, the status and its age."""
        parameters = parameters_of(request, ReconciliationParameters)
        first, last = days_of(parameters, _UTC)
        periods(first, last, granularity="day", zone=_UTC)  # refuses a range that no report covers
        chosen = {name: parameters.get(name) for name in ("status", "ledger")}
        newest = as_of()
        found = queries.verdicts(first=first, last=last, at=clock.now(), **chosen)
        table = Table(newest, tuple(_COLUMNS.split()), found)
        return answer(table, form=form_of(request, parameters), name="reconciliation")
