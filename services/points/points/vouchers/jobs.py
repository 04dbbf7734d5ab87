"""Making codes in the background: a job makes one chunk for each message and asks itself for the next.

The chunk, the job's progress and the wish for the next chunk commit together. Killed anywhere, the
message comes again and the job goes on where it was; a message that comes twice finds its chunk made.
"""

import secrets
from datetime import datetime
from uuid import UUID

from django.db.models import F

from points.vouchers import queries, rules
from points.vouchers.codes import random_codes
from points.vouchers.errors import CampaignNotActive, JobFinished
from points.vouchers.models import CodeJob, CodePattern, VoucherCampaign
from shared.clock import Stopwatch
from shared.contracts.points import GenerateCodes
from shared.db import array, execute, rows, unit_of_work
from shared.errors import NotFound
from shared.ids import new_id
from shared.messaging.outbox import tell
from shared.messaging.steps import ask_for_next

CHUNK = 20_000
_INSERT = """
INSERT INTO voucher (id, campaign_id, code, uses, uses_max, price_points, created_at)
SELECT id, %(campaign)s, code, 0, %(uses_max)s, 0, %(at)s
FROM unnest(%(ids)s::uuid[], %(codes)s::text[]) AS u (id, code)
ON CONFLICT (replace(code, '-', '')) DO NOTHING
"""


def start_code_job(campaign_id: UUID, *, count: int, pattern: str, requested_by: UUID, at: datetime) -> CodeJob:
    """Ask for so many codes of a campaign; they are made in the background and can be used as they appear.

    :raises NotFound: there is no such campaign.
    :raises CampaignNotActive: it has ended.
    :raises CodeSpaceTooSmall: so many codes of this pattern could be guessed, with those there are already.
    """
    with unit_of_work():
        campaign = queries.campaign(campaign_id)
        if campaign.status == "ended":
            raise CampaignNotActive(status_now=campaign.status)
        # Jobs of one pattern wait for each other here, so that all see the whole of what was asked for.
        rows("SELECT pg_advisory_xact_lock(hashtext('voucher-pattern'), hashtext(%s))", [pattern])
        rules.check_space(pattern, taken=_codes_asked_for(pattern), count=count)
        job = CodeJob.objects.create(
            campaign=campaign, count=count, pattern=pattern, requested_by=requested_by, created_at=at
        )
        tell([GenerateCodes(job_id=job.id, chunk=0)], at=at)
    return job


def _codes_asked_for(pattern: str) -> int:
    found = CodePattern.objects.filter(pattern=pattern).first()
    return found.codes if found else 0


def cancel_code_job(job_id: UUID, *, at: datetime) -> CodeJob:
    """Stop a job after the chunk in hand; the codes that were made stay. Cancelling again changes nothing.

    :raises NotFound: there is none.
    :raises JobFinished: it is done, or it failed.
    """
    with unit_of_work():
        job = _lock_job(job_id)
        if job is None:
            raise NotFound()
        if job.state == "cancelled":
            return job
        if job.state not in rules.OPEN_JOB:
            raise JobFinished(state=job.state)
        return _finish(job, "cancelled", at=at)


def make_chunk(job_id: UUID, *, chunk: int, at: datetime) -> None:
    """Make a job's next chunk of codes and ask for the one after it; a chunk that was made is left alone."""
    stopwatch = Stopwatch(at)
    with unit_of_work():
        job = _lock_job(job_id)
        if job is None or job.chunk != chunk or job.state not in rules.OPEN_JOB:
            return
        campaign = queries.campaign(job.campaign_id)
        if campaign.status == "ended":
            job.error = CampaignNotActive.code
            _finish(job, "failed", at=at)
            return
        made = min(CHUNK, job.count - job.done)
        _insert_codes(job.pattern, made, campaign, at=at)
        VoucherCampaign.objects.filter(id=campaign.id).update(codes_total=F("codes_total") + made)
        _advance(job, made, at=at, stopwatch=stopwatch)


def _lock_job(job_id: UUID) -> CodeJob | None:
    return CodeJob.objects.select_for_update(no_key=True).filter(id=job_id).first()


def _insert_codes(pattern: str, count: int, campaign: VoucherCampaign, *, at: datetime) -> None:
    """Insert exactly so many codes; those that exist already are replaced by others."""
    missing = count
    while missing:
        # Sorted, so that neighbours land on the same index pages; the ids, by which they are given out, are not.
        codes = sorted(_distinct_codes(pattern, missing))
        missing -= execute(
            _INSERT,
            {
                "campaign": campaign.id,
                "uses_max": campaign.uses_per_code,
                "at": at,
                "ids": array(_ids_in_no_order(len(codes))),
                "codes": array(codes),
            },
        )


def _distinct_codes(pattern: str, count: int) -> set[str]:
    found: set[str] = set()
    while len(found) < count:
        found.update(random_codes(pattern, count - len(found)))
    return found


def _ids_in_no_order(count: int) -> list[str]:
    """Make ids of one instant (UUID version 7): their order is random, and it decides who gets which code.

    Ids in the order of the sorted codes would let one code tell where the next one lies.
    """
    head, text = new_id().hex[:13], secrets.token_hex(9 * count)
    return [f"{head}{text[at : at + 3]}8{text[at + 3 : at + 18]}" for at in range(0, len(text), 18)]


def _advance(job: CodeJob, made: int, *, at: datetime, stopwatch: Stopwatch) -> None:
    job.done += made
    job.chunk += 1
    job.started_at = job.started_at or at
    if job.done == job.count:
        _finish(job, "done", at=stopwatch.now())
        return
    job.state = "running"
    job.save()
    ask_for_next(GenerateCodes(job_id=job.id, chunk=job.chunk), at=at)


def _finish(job: CodeJob, state: str, *, at: datetime) -> CodeJob:
    job.state, job.finished_at = state, at
    job.save()
    return job
