"""The reports over HTTP; all need `reports:read`, and none holds a name or an address of a member."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from shared import clock
from shared.http.swagger import operation
from shared.zones import ZoneInfo
from warehouse.reports import queries
from warehouse.reports.api.answers import TABLE, answer
from warehouse.reports.api.bodies import (
    FormatParameter,
    PaymentVolumeParameters,
    PointsFlowParameters,
    PointsOfRulesParameters,
    form_of,
    parameters_of,
    periods_of,
    span_of,
)
from warehouse.reports.api.views import ReportView
from warehouse.reports.errors import ReportRangeReversed, ReportRangeTooLong

_RECENT = timedelta(hours=1)
_RANGES = (ReportRangeReversed, ReportRangeTooLong)


class PaymentVolume(ReportView):
    """Payments by period and currency."""

    @operation(
        "report_payment_volume",
        "Payment volume by period and currency",
        query=PaymentVolumeParameters,
        answers={200: TABLE},
        refuses=_RANGES,
    )
    def get(self, request: Request) -> HttpResponse:
        """Sum captured, refunded and failed payments; periods without any are left out."""
        parameters = parameters_of(request, PaymentVolumeParameters)
        table = queries.payment_volume(periods_of(parameters), merchant_id=parameters.get("merchant_id"))
        return answer(table, form=form_of(request, parameters), name="payments-volume")


class PointsFlow(ReportView):
    """Points by period and programme."""

    @operation(
        "report_points_flow",
        "Points flow by period and programme",
        query=PointsFlowParameters,
        answers={200: TABLE},
        refuses=_RANGES,
    )
    def get(self, request: Request) -> HttpResponse:
        """Sum points by kind, from earned to reinstated; periods without any are left out."""
        parameters = parameters_of(request, PointsFlowParameters)
        table = queries.points_flow(periods_of(parameters), programme=parameters.get("programme"))
        return answer(table, form=form_of(request, parameters), name="points-flow")


class PointsOfRules(ReportView):
    """Points by rule and version."""

    @operation(
        "report_points_of_rules",
        "Points and their cost by rule and version",
        query=PointsOfRulesParameters,
        answers={200: TABLE},
        refuses=_RANGES,
    )
    def get(self, request: Request) -> HttpResponse:
        """Sum what rules gave and what was taken back of it; rules that gave nothing are left out."""
        parameters = parameters_of(request, PointsOfRulesParameters)
        span_of(parameters, ZoneInfo("UTC"))  # refuses a range that no report covers, whatever programmes there are
        programmes = queries.programmes_with_zones(parameters.get("programme"))
        spans = {key: span_of(parameters, zone) for key, zone in programmes}
        table = queries.points_of_rules(spans, merchant_id=parameters.get("merchant_id"))
        return answer(table, form=form_of(request, parameters), name="points-rules")


class Freshness(ReportView):
    """How far behind the services the warehouse is."""

    @operation(
        "report_freshness",
        "Delay from a change in its service to here, by kind",
        query=FormatParameter,
        answers={200: TABLE},
    )
    def get(self, request: Request) -> HttpResponse:
        """Tell for each kind of message when the last came and how long those of the last hour took."""
        parameters: dict[str, Any] = parameters_of(request, FormatParameter)
        table = queries.freshness(lately=clock.now() - _RECENT)
        return answer(table, form=form_of(request, parameters), name="freshness")
