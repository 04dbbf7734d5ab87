"""What requests for reports say: the parameters of their queries."""

from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework.request import Request

from shared import clock
from shared.http.fields import Body, Choice, Identifier, Text, parse
from shared.http.times import Day, Timezone
from shared.zones import ZoneInfo, midnight
from warehouse.reports.rules import Periods, periods

FORMATS = ("json", "csv")
_DEFAULT_DAYS = 30
# What dim_date holds; also keeps every instant within what a datetime can be.
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 30)
P = TypeVar("P", bound=Body)


class ReportDay(Day):
    """A day from 2000 to 2100 as `YYYY-MM-DD`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[MinValueValidator(_EARLIEST), MaxValueValidator(_LATEST)], **options)


class FormatParameter(Body):
    """The form of the answer; where it is left out, what `Accept` prefers."""

    format = Choice(choices=FORMATS, required=False)


class RangeParameters(FormatParameter):
    """The days of a report, both included; left out, the last 30 until today."""

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which as a keyword cannot be declared as the others are."""
        return {"from": ReportDay(required=False), "to": ReportDay(required=False), **super().get_fields()}


class PeriodParameters(RangeParameters):
    """The days of a report, cut into periods of a time zone."""

    granularity = Choice(choices=("day", "week", "month"), default="day")
    tz = Timezone(default="UTC")


class PaymentVolumeParameters(PeriodParameters):
    """The periods, and whose payments: one merchant's or all."""

    merchant_id = Identifier(required=False)


class PointsFlowParameters(PeriodParameters):
    """The periods, and which programme's points: one's or all."""

    programme = Identifier(required=False)


class OfProgrammeParameters(PeriodParameters):
    """The periods, and of which programme: one or all."""

    programme = Identifier(required=False)


class BudgetParameters(OfProgrammeParameters):
    """The periods, of which programme, and of which budget by its code; of all, left out. One that has ended and one
    that has its code now are both of that code."""

    budget = Text(max_length=64, required=False)


class TierMembersParameters(FormatParameter):
    """The day, of a time zone, at whose end members are counted, today left out; of which programme, or of all."""

    day = ReportDay(required=False)
    tz = Timezone(default="UTC")
    programme = Identifier(required=False)


class PointsOfRulesParameters(RangeParameters):
    """The days, in each programme's own time zone; of which programme and merchant, or of all."""

    programme = Identifier(required=False)
    merchant_id = Identifier(required=False)


def parameters_of(request: Request, expected: type[P]) -> dict[str, Any]:
    """Check the query and return its validated parameters.

    :raises InvalidRequest: a parameter is wrong or unknown.
    """
    return parse(expected, request.query_params.dict())


def days_of(parameters: dict[str, Any], zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and last day that the parameters ask for; a missing one is near the other, or today."""
    first, last = parameters.get("from"), parameters.get("to")
    if last is None:
        today = clock.now().astimezone(zone).date()
        last = today if first is None else max(today, first)
    return first or last - timedelta(days=_DEFAULT_DAYS - 1), last


def end_of_day(parameters: dict[str, Any]) -> datetime:
    """Return when the day that the parameters ask for is over in their time zone."""
    zone = ZoneInfo(parameters["tz"])
    day = parameters.get("day") or clock.now().astimezone(zone).date()
    return midnight(day + timedelta(days=1), zone)


def periods_of(parameters: dict[str, Any]) -> Periods:
    """Return the periods that the parameters ask for.

    :raises ReportRangeReversed: the last day is before the first.
    :raises ReportRangeTooLong: more days than one report covers.
    """
    zone = ZoneInfo(parameters["tz"])
    first, last = days_of(parameters, zone)
    return periods(first, last, granularity=parameters["granularity"], zone=zone)


def span_of(parameters: dict[str, Any], zone: ZoneInfo) -> Periods:
    """Return the days that the parameters ask for, in a time zone.

    :raises ReportRangeReversed: the last day is before the first.
    :raises ReportRangeTooLong: more days than one report covers.
    """
    return periods(*days_of(parameters, zone), granularity="month", zone=zone)


def form_of(request: Request, parameters: dict[str, Any]) -> str:
    """Return `json` or `csv`: the parameter where given, else what `Accept` prefers."""
    negotiated: str = request.accepted_renderer.format
    return str(parameters.get("format", negotiated))
