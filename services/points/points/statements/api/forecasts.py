"""Forecasts over HTTP: what ends when."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.statements.api.access import READ, account_asked_for
from points.statements.api.answers.statements import ForecastAnswer, forecast_json
from points.statements.api.bodies import ForecastQuery
from points.statements.queries.forecasts import expiry_forecast
from shared import clock
from shared.errors import NotFound
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
