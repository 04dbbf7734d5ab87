"""The query parameters that reports share."""

from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from shared import clock
from shared.errors import InvalidRequest
from shared.http.fields import Body, parse
from warehouse.reports.rules import Periods, periods

FORMATS = ("json", "csv")
_DEFAULT_DAYS = 30
# What dim_date holds; also keeps every instant within what a datetime can be.
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 30)

P = TypeVar("P", bound=Body)


class Day(serializers.DateField):
    """A day from 2000 to 2100 as `YYYY-MM-DD`."""

    def __init__(self, **options: Any) -> None:
        bounds = [MinValueValidator(_EARLIEST), MaxValueValidator(_LATEST)]
        super().__init__(input_formats=["%Y-%m-%d"], validators=bounds, **options)


class TimeZone(serializers.Field[ZoneInfo, str, str, ZoneInfo]):
    """The name of a time zone of the IANA database, as in `Europe/Berlin`; reads to `ZoneInfo`."""

    def to_internal_value(self, data: str) -> ZoneInfo:
        # Asked first, because ZoneInfo opens whatever path it is given.
        if data not in _zones():
            raise ValidationError([ErrorDetail("Not a known time zone.", code="unknown")])
        return ZoneInfo(data)

    def to_representation(self, value: ZoneInfo) -> str:
        return str(value)


class FormatParameter(Body):
    """The form of the answer; where it is left out, what `Accept` prefers."""

    format = serializers.ChoiceField(choices=FORMATS, required=False)


class RangeParameters(FormatParameter):
    """The days of a report, both included; left out, the last 30 until today."""

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which as a keyword cannot be declared as the others are."""
        return {"from": Day(required=False), "to": Day(required=False), **super().get_fields()}


class PeriodParameters(RangeParameters):
    """The days of a report, cut into periods of a time zone."""

    granularity = serializers.ChoiceField(choices=("day", "week", "month"), default="day")
    tz = TimeZone(default=ZoneInfo("UTC"))


def parameters_of(request: Request, expected: type[P]) -> dict[str, Any]:
    """Check the query and return its validated parameters.

    :raises InvalidRequest: a parameter is wrong, unknown, or there twice.
    """
    twice = [name for name, values in request.query_params.lists() if len(values) > 1]
    if twice:
        raise InvalidRequest(errors=[{"field": name, "code": "repeated", "detail": "Given twice."} for name in twice])
    return parse(expected, request.query_params.dict())


def days_of(parameters: dict[str, Any], zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and last day that the parameters ask for; a missing one is near the other, or today."""
    first, last = parameters.get("from"), parameters.get("to")
    if last is None:
        today = clock.now().astimezone(zone).date()
        last = today if first is None else max(today, first)
    return first or last - timedelta(days=_DEFAULT_DAYS - 1), last


def periods_of(parameters: dict[str, Any]) -> Periods:
    """Return the periods that the parameters ask for.

    :raises ReportRangeReversed: the last day is before the first.
    :raises ReportRangeTooLong: more days than one report covers.
    """
    first, last = days_of(parameters, parameters["tz"])
    return periods(first, last, granularity=parameters["granularity"], zone=parameters["tz"])


def form_of(request: Request, parameters: dict[str, Any]) -> str:
    """Return `json` or `csv`: the parameter where given, else what `Accept` prefers."""
    negotiated: str = request.accepted_renderer.format
    return str(parameters.get("format", negotiated))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
