"""Statements over HTTP."""

from django.http import HttpResponse
from drf_yasg import openapi
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from points.programmes.errors import ProgrammeNotFound
from points.statements.api.access import READ, account_asked_for
from points.statements.api.answers.statements import StatementAnswer
from points.statements.api.bodies import StatementQuery
from points.statements.errors import StatementPeriodInvalid, StatementTooLong
from points.statements.forms.as_csv import statement_rows
from points.statements.forms.as_json import statement_json
from points.statements.forms.as_pdf import statement_pdf
from points.statements.queries.statements import Statement, statement
from points.statements.rules import period_until_today
from shared.errors import NotFound
from shared.http.csvfiles import CsvRenderer, csv_answer
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply


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
