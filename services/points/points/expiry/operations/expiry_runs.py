"""Expiring in the background, where it can be seen: a job whose chunks are lots that end (shared.jobs).

The lots that are left of a cancelled run are dead, and the periodic job finds them when it comes by.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from points.expiry import queries
from points.expiry.errors import ExpiryInFuture, ExpiryRunFinished, ExpiryRunNotFound
from points.expiry.locks import lock_expiry_run, try_expiry_job, wait_for_expiry_job
from points.expiry.models import ExpiryRun
from points.expiry.operations.lots import LOTS_AT_ONCE, expire_all
from points.expiry.rows import expiry_runs
from points.ledger.operations.endings import expiries
from points.ledger.posting import post
from points.programmes.queries import programme
from shared.clock import iso
from shared.contracts.points import ExpireLots
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.jobs.runner import Job
from shared.jobs.slices import enqueue_next

CHUNK = LOTS_AT_ONCE
# What the periodic job does itself ends well before its time limit.
BATCHES = 20


class _ExpiryRuns(Job[ExpiryRun]):
    not_found, has_ended = ExpiryRunNotFound, ExpiryRunFinished

    def locked(self, job_id: UUID) -> ExpiryRun | None:
        return lock_expiry_run(job_id)

    def keep(self, row: ExpiryRun) -> None:
        row.save()

    def message(self, row: ExpiryRun) -> ExpireLots:
        return ExpireLots(run_id=row.id, chunk=row.chunk)

    def claim(self, *, waits: bool) -> bool:
        """Take the right to expire lots. An overlapping chunk never waits for it: whoever has taken it in between may
        be waiting for the accounts that are locked here."""
        if not waits:
            return try_expiry_job()
        wait_for_expiry_job()
        return True

    def overlaps(self, row: ExpiryRun) -> bool:
        return True

    def work(self, row: ExpiryRun, *, at: datetime) -> Iterator[bool]:
        after = (row.reached_at, row.reached_lot) if row.reached_at and row.reached_lot else None
        lots = queries.lots_due(as_of=row.as_of, limit=CHUNK, programme_id=row.programme_id, after=after)
        # As of now, but for a clock that is behind the one the run was asked for by.
        outcomes = post(expiries(lots, at), at=at, as_of=max(at, row.as_of))
        refused = [one for one in outcomes if isinstance(one, DomainError)]
        if len(refused) == CHUNK:
            raise refused[0]  # what refuses a whole chunk refuses the next one too
        # Others may have ended a lot after it was read.
        ended = [one for one in outcomes if not isinstance(one, DomainError) and not one.is_repeated]
        row.done += len(ended)
        row.points += sum(one.points for one in ended)
        if lots:
            row.reached_at, row.reached_lot = lots[-1].expires_at, lots[-1].id
        yield len(lots) == CHUNK


EXPIRY_RUNS = _ExpiryRuns()


def start_expiry_run(
    *, as_of: datetime | None = None, programme_id: UUID | None = None, requested_by: UUID | None, at: datetime
) -> ExpiryRun:
    """Ask for the expiry of all lots whose time had passed at `as_of` (now, when left out); it goes on by itself.

    Of all programmes where none is named. Points stay dead whether or not their lots have expired, so that nobody waits
    for a run. `requested_by` is None for the periodic job.

    :raises ProgrammeNotFound: there is no such programme.
    :raises ExpiryInFuture: points that are alive would end early.
    """
    as_of = as_of or at
    if as_of > at:
        raise ExpiryInFuture(as_of=iso(as_of), now=iso(at))
    of = programme(programme_id).id if programme_id else None
    with unit_of_work():
        total = queries.count_lots_due(as_of=as_of, programme_id=of)
        run = ExpiryRun.objects.create(
            as_of=as_of, programme_id=of, total=total, requested_by=requested_by, created_at=at
        )
        enqueue_next(EXPIRY_RUNS.message(run), at=at)
    return run


def expire_periodically(*, at: datetime) -> tuple[int, int]:
    """Expire what has come due: one batch of lots at once, and the rest, where more are due, by a run.

    Returns how many lots were due and how many points ended at once. While an earlier run is open, which may stand
    still, as much is done at once as there is time for.
    """
    is_open = expiry_runs.is_any_open()
    lots, points = expire_all(at=at, limit=CHUNK, batches=BATCHES if is_open else 1)
    if lots == CHUNK and not is_open:
        start_expiry_run(requested_by=None, at=at)
    return lots, points
