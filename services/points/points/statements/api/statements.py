"""Statements and forecasts over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from drf_yasg import openapi
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.statements.api.explanations import READ, account_asked_for
from points.statements.api.statement_bodies import (
    ForecastAnswer,
    ForecastQuery,
    StatementAnswer,
    StatementQuery,
    forecast_json,
)
from points.statements.errors import StatementPeriodInvalid, StatementTooLong
from points.statements.forms.as_csv import statement_rows
from points.statements.forms.as_json import statement_json
from points.statements.forms.as_pdf import statement_pdf
from points.statements.queries.forecasts import expiry_forecast
from points.statements.queries.statements import Statement, statement
from points.statements.rules import period_until_today
from shared import clock
from shared.errors import NotFound
from shared.http.csvfiles import CsvRenderer, csv_answer
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply


class MemberForecast(ServiceView):
    """What ends when of a member's points."""

    scopes = READ

    @operation(
        "forecast_member_expiry",
        "Forecast a member's expiring points",
        query=ForecastQuery,
        answers={200: ForecastAnswer},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request) -> HttpResponse:
        whose, found, at = account_asked_for(request, parse(ForecastQuery, request.query_params.dict()))
        return reply(forecast_json(expiry_forecast(found, member_id=whose, at=at), found, member_id=whose, at=at))


class ProgrammeForecast(ServiceView):
    """What ends when of all points of a programme."""

    scopes = {"GET": ("points:read-any",)}

    @operation(
        "forecast_programme_expiry",
        "Forecast a programme's expiring points",
        answers={200: ForecastAnswer},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, _request: Request, programme_id: UUID) -> HttpResponse:
        found, at = programme(programme_id), clock.now()
        return reply(forecast_json(expiry_forecast(found, at=at), found, member_id=None, at=at))


class PdfRenderer(BaseRenderer):
    """Lets a client that accepts only PDF have it; the view writes the answer itself."""

    media_type = "application/pdf"
    format = "pdf"


class MemberStatement(ServiceView):
    """A member's statement of some days, as JSON, CSV or PDF."""

    scopes = READ
    renderer_classes = [JSONRenderer, CsvRenderer, PdfRenderer]

    @operation(
        "get_statement",
        "Read a statement",
        query=StatementQuery,
        answers={200: openapi.Response("the statement; CSV and PDF as a file", StatementAnswer)},
        refuses=(NotFound, ProgrammeNotFound, StatementPeriodInvalid, StatementTooLong),
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(StatementQuery, request.query_params.dict())
        whose, found, at = account_asked_for(request, query)
        period = period_until_today(query.get("from"), query.get("to"), at=at, timezone=found.timezone)
        form = query.get("format", request.accepted_renderer.format)
        return _answer(statement(found, member_id=whose, period=period, at=at), form)


def _answer(found: Statement, form: str) -> HttpResponse:
    if form == "csv":
        return csv_answer(statement_rows(found), _name(found))
    if form == "pdf":
        disposition = {"Content-Disposition": f'attachment; filename="{_name(found)}.pdf"'}
        return HttpResponse(statement_pdf(found), content_type="application/pdf", headers=disposition)
    return reply(statement_json(found))


def _name(found: Statement) -> str:
    return f"points-{found.period.first}-{found.period.last}"
