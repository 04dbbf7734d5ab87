"""Codes of a campaign over HTTP: the job that makes them, and the download."""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from drf_yasg import openapi
from rest_framework.request import Request

from points.vouchers import jobs, queries
from points.vouchers.api.access import MANAGE
from points.vouchers.api.answers.campaigns import JobAnswer, job_json
from points.vouchers.api.bodies.campaigns import NewCodes
from points.vouchers.errors import CampaignNotActive, CodeSpaceTooSmall, JobFinished
from shared import clock
from shared.errors import NotFound
from shared.http.csvfiles import CsvRenderer, csv_stream
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_COLUMNS = ("code", "member_id", "uses", "uses_max", "created_at", "issued_at")


class Codes(ServiceView):
    """The request for more codes."""

    scopes = {"POST": MANAGE}

    @operation(
        "create_codes",
        "Make codes in the background",
        body=NewCodes,
        answers={202: JobAnswer},
        moves_value=True,
        refuses=(CampaignNotActive, CodeSpaceTooSmall, NotFound),
    )
    def post(self, request: Request, campaign_id: UUID) -> HttpResponse:
        body, caller = parse(NewCodes, request.data), caller_of(request)

        def run() -> Reply:
            at = clock.now()
            job = jobs.start_code_job(campaign_id, requested_by=caller.id, at=at, **body)
            return Reply(202, job_json(job, at=at))

        return once(request, run)


class Job(ServiceView):
    """A code job's progress."""

    scopes = {"GET": MANAGE}

    @operation("get_code_job", "Read a code job", answers={200: JobAnswer}, refuses=(NotFound,))
    def get(self, _request: Request, job_id: UUID) -> HttpResponse:
        return reply(job_json(queries.code_job(job_id), at=clock.now()))


class CancelJob(ServiceView):
    """The end of a code job before it is done."""

    scopes = {"POST": MANAGE}

    @operation("cancel_code_job", "Cancel a code job", answers={200: JobAnswer}, refuses=(JobFinished, NotFound))
    def post(self, _request: Request, job_id: UUID) -> HttpResponse:
        at = clock.now()
        return reply(job_json(jobs.CODE_JOBS.cancel(job_id, at=at), at=at))


class CodesCsv(ServiceView):
    """All codes of a campaign as a file, streamed; a row may be newer than the one before it."""

    scopes = {"GET": MANAGE}
    renderer_classes = [CsvRenderer]

    @operation(
        "download_codes",
        "Download a campaign's codes",
        answers={200: openapi.Response("CSV", openapi.Schema(type="file"))},
        refuses=(NotFound,),
    )
    def get(self, _request: Request, campaign_id: UUID) -> StreamingHttpResponse:
        campaign = queries.campaign(campaign_id)
        rows = (code for _, *code in queries.codes_of(campaign.id))
        return csv_stream(_COLUMNS, rows, f"codes-{campaign.id}")
