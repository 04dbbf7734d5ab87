"""The reports over HTTP; all need `reports:read`, and none holds a name or an address of a member."""

from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_yasg import openapi
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from shared import clock
from shared.http.csvfiles import CsvRenderer
from shared.http.fields import Identifier
from shared.http.swagger import operation
from shared.http.views import ServiceView
from warehouse.reports import queries
from warehouse.reports.errors import ReportRangeReversed, ReportRangeTooLong
from warehouse.reports.parameters import FormatParameter, PeriodParameters, form_of, parameters_of, periods_of
from warehouse.reports.tables import answer

_RECENT = timedelta(hours=1)
_RANGES = (ReportRangeReversed, ReportRangeTooLong)
# Swagger 2.0 has no union of types: no type takes all.
_ANY = openapi.SwaggerDict(description="a whole number, a text, or null")
TABLE = openapi.Schema(
    "Report",
    type=openapi.TYPE_OBJECT,
    required=["as_of", "columns", "rows"],
    properties={
        "as_of": openapi.Schema(
            type=openapi.TYPE_STRING,
            format=openapi.FORMAT_DATETIME,
            x_nullable=True,
            description="when the newest message was taken in; the report knows all messages until then",
        ),
        "columns": openapi.Schema(type=openapi.TYPE_ARRAY, items=openapi.Schema(type=openapi.TYPE_STRING)),
        "rows": openapi.Schema(
            type=openapi.TYPE_ARRAY,
            items=openapi.Schema(type=openapi.TYPE_ARRAY, items=_ANY),
            description="one value for each column: whole numbers, texts, or null",
        ),
    },
)


class ReportView(ServiceView):
    """A view that answers with a table, as JSON or CSV."""

    scopes: ClassVar[dict[str, tuple[str, ...]]] = {"GET": ("reports:read",)}
    renderer_classes = [JSONRenderer, CsvRenderer]


class PaymentVolumeParameters(PeriodParameters):
    """The periods, and whose payments: one merchant's or all."""

    merchant_id = Identifier(required=False)


class PointsFlowParameters(PeriodParameters):
    """The periods, and which programme's points: one's or all."""

    programme = Identifier(required=False)


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
