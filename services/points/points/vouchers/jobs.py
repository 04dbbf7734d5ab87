"""Making codes in the background: a job whose chunks are codes (shared.jobs)."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import F

from points.vouchers import queries, rules
from points.vouchers.codes import random_codes
from points.vouchers.errors import CampaignNotActive, JobFinished
from points.vouchers.models import CodeJob, CodePattern, VoucherCampaign
from shared.contracts.points import GenerateCodes
from shared.db import array, execute, rows, unit_of_work
from shared.errors import NotFound
from shared.ids import new_id
from shared.jobs.runner import Job
from shared.jobs.slices import enqueue_next

CHUNK = 20_000
_INSERT = """
INSERT INTO voucher (id, campaign_id, code, uses, uses_max, price_points, created_at)
SELECT id, %(campaign)s, code, 0, %(uses_max)s, 0, %(at)s
FROM unnest(%(ids)s::uuid[], %(codes)s::text[]) AS u (id, code)
ON CONFLICT (replace(code, '-', '')) DO NOTHING
"""


class _CodeJobs(Job[CodeJob]):
    not_found, has_ended = NotFound, JobFinished

    def locked(self, job_id: UUID) -> CodeJob | None:
        return CodeJob.objects.select_for_update(no_key=True).filter(id=job_id).first()

    def keep(self, row: CodeJob) -> None:
        row.save()

    def message(self, row: CodeJob) -> GenerateCodes:
        return GenerateCodes(job_id=row.id, chunk=row.chunk)

    def work(self, row: CodeJob, *, at: datetime) -> Iterator[bool]:
        campaign = queries.campaign(row.campaign_id)
        if campaign.status == "ended":
            raise CampaignNotActive(status_now=campaign.status)
        made = min(CHUNK, row.count - row.done)
        _insert_codes(row.pattern, made, campaign, at=at)
        VoucherCampaign.objects.filter(id=campaign.id).update(codes_total=F("codes_total") + made)
        row.done += made
        yield row.done < row.count


CODE_JOBS = _CodeJobs()


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
        enqueue_next(CODE_JOBS.message(job), at=at)
    return job


def _codes_asked_for(pattern: str) -> int:
    found = CodePattern.objects.filter(pattern=pattern).first()
    return found.codes if found else 0


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
