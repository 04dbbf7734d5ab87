"""Expiring in the background, where it can be seen: a run ends one chunk of lots for each message.

The chunk, the run's progress and the wish for the next chunk commit together. Killed anywhere, the message comes again
and the run goes on where it was; a message that comes twice finds its chunk done. The next chunk may begin while this
one is being written (shared.messaging.steps): it learns which lots it is not to read again, and sees at its end whether
the run still is where it was told.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from uuid import UUID

from points.ledger import expiry_runs, queries
from points.ledger.errors import ExpiryInFuture, ExpiryRunFinished, ExpiryRunNotFound
from points.ledger.locks import lock_expiry_run, try_expiry_job, wait_for_expiry_job
from points.ledger.models import ExpiryRun
from points.ledger.operations.engine import Outcome, post
from points.ledger.operations.expiry import LOTS_AT_ONCE, expire_all, expiries
from points.programmes.queries import programme
from shared.clock import Stopwatch, iso
from shared.contracts.points import ExpireLots
from shared.db import execute, unit_of_work
from shared.errors import DomainError
from shared.messaging import steps
from shared.messaging.outbox import tell

CHUNK = LOTS_AT_ONCE
# What the periodic job does itself ends well before its time limit.
BATCHES = 20


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
        tell([ExpireLots(run_id=run.id, chunk=0)], at=at)
    return run


def cancel_expiry_run(run_id: UUID, *, at: datetime) -> ExpiryRun:
    """Stop a run after the chunk in hand; what has expired stays so. Cancelling again changes nothing.

    The lots that are left are dead, and the periodic job finds them when it comes by.

    :raises ExpiryRunNotFound: there is none.
    :raises ExpiryRunFinished: it is done, or it failed.
    """
    with unit_of_work():
        run = lock_expiry_run(run_id)
        if run is None:
            raise ExpiryRunNotFound()
        if run.state == "cancelled":
            return run
        if run.state not in expiry_runs.OPEN:
            raise ExpiryRunFinished(state=run.state)
        _finish(run, "cancelled", at=at)
        run.save()
        return run


def expire_chunk(run_id: UUID, *, chunk: int, at: datetime) -> None:
    """End a run's next chunk of lots and ask for the one after it; a chunk that was done is left alone.

    Waits for its turn where another run or the command is in the middle of a transaction.
    """
    stopwatch = Stopwatch(at)
    with unit_of_work():
        if (run := steps.known() or _job(run_id, chunk)) is None:
            return
        after = (run.reached_at, run.reached_lot) if run.reached_at and run.reached_lot else None
        lots = queries.lots_due(as_of=run.as_of, limit=CHUNK, programme_id=run.programme_id, after=after)
        # As of now, but for a clock that is behind the one the run was asked for by.
        outcomes = post(expiries(lots, at), at=at, as_of=max(at, run.as_of))
        _advance(run, outcomes, at=at)
        if lots:
            run.reached_at, run.reached_lot = lots[-1].expires_at, lots[-1].id
        if run.state == "running":
            steps.ask_for_next(ExpireLots(run_id=run.id, chunk=run.chunk), at=at, knowing=copy(run))
        _take_turn(run, chunk)
        if run.finished_at:
            execute("SELECT")  # behind all that is being written, which is part of the run's time
            run.finished_at = stopwatch.now()
        run.save()


def _job(run_id: UUID, chunk: int) -> ExpiryRun | None:
    """Lock a run and take the right to expire lots; None where this chunk is none of its."""
    run = _locked(run_id, chunk)
    if run:
        wait_for_expiry_job()
    return run


def _locked(run_id: UUID, chunk: int) -> ExpiryRun | None:
    run = lock_expiry_run(run_id)
    return run if run and run.chunk == chunk and run.state in expiry_runs.OPEN else None


def _take_turn(run: ExpiryRun, chunk: int) -> None:
    """Wait for the chunk before, where this one began before that had committed, lock the run and take the right to
    expire lots.

    Nobody is waited for: whoever took the right in between may be waiting for the accounts that are locked here.

    :raises NotInTurn: the chunk before did not commit, the run was cancelled meanwhile, or another run was quicker.
    """
    if steps.known():
        steps.wait_for_the_one_before()
        if not (_locked(run.id, chunk) and try_expiry_job()):
            raise steps.NotInTurn("the run is not where it was told, or another is at it")


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


def _advance(run: ExpiryRun, outcomes: Sequence[Outcome], *, at: datetime) -> None:
    """Count a chunk and say whether there is another one."""
    refused = [one for one in outcomes if isinstance(one, DomainError)]
    # Others may have ended a lot after it was read.
    ended = [one for one in outcomes if not isinstance(one, DomainError) and not one.is_repeated]
    run.done += len(ended)
    run.points += sum(one.points for one in ended)
    run.chunk += 1
    run.started_at = run.started_at or at
    if len(outcomes) < CHUNK:
        _finish(run, "done", at=at)
    elif len(refused) == CHUNK:
        # What refuses a whole chunk refuses the next one too.
        run.error = refused[0].code
        _finish(run, "failed", at=at)
    else:
        run.state = "running"


def _finish(run: ExpiryRun, state: str, *, at: datetime) -> None:
    run.state, run.finished_at = state, at
