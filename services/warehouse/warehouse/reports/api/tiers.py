"""The reports of tiers over HTTP: sums alone, so that none names a member."""

from django.http import HttpResponse
from rest_framework.request import Request

from shared.http.swagger import operation
from warehouse.reports import queries
from warehouse.reports.api.answers import TABLE, answer
from warehouse.reports.api.bodies import (
    OfProgrammeParameters,
    TierMembersParameters,
    end_of_day,
    form_of,
    parameters_of,
    periods_of,
)
from warehouse.reports.api.views import ReportView
from warehouse.reports.errors import ReportRangeReversed, ReportRangeTooLong

_RANGES = (ReportRangeReversed, ReportRangeTooLong)


class TierMovement(ReportView):
    """Members by tier and period."""

    @operation(
        "report_tier_movement",
        "Who was in each tier, came and went, by period and programme",
        query=OfProgrammeParameters,
        answers={200: TABLE},
        refuses=_RANGES,
    )
    def get(self, request: Request) -> HttpResponse:
        """Count members at the start of periods, who came and went, and at the end; tiers without any are left out."""
        parameters = parameters_of(request, OfProgrammeParameters)
        table = queries.tier_movement(periods_of(parameters), programme=parameters.get("programme"))
        return answer(table, form=form_of(request, parameters), name="tiers-movement")


class TierChanges(ReportView):
    """Changes of tiers by period."""

    @operation(
        "report_tier_changes",
        "Changes of tiers by period, from which to which, and cause",
        query=OfProgrammeParameters,
        answers={200: TABLE},
        refuses=_RANGES,
    )
    def get(self, request: Request) -> HttpResponse:
        """Count changes by their tiers and causes; periods without any are left out."""
        parameters = parameters_of(request, OfProgrammeParameters)
        table = queries.tier_changes(periods_of(parameters), programme=parameters.get("programme"))
        return answer(table, form=form_of(request, parameters), name="tiers-changes")


class TierMembers(ReportView):
    """Members by tier, as of a day."""

    @operation(
        "report_tier_members",
        "Who is in each tier as of the end of a day, by programme",
        query=TierMembersParameters,
        answers={200: TABLE},
    )
    def get(self, request: Request) -> HttpResponse:
        """Count members of each tier by all changes until a day is over; of today, by those until now."""
        parameters = parameters_of(request, TierMembersParameters)
        table = queries.tier_members(until=end_of_day(parameters), programme=parameters.get("programme"))
        return answer(table, form=form_of(request, parameters), name="tiers-members")
