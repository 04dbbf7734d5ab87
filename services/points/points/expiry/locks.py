"""Locks of expiry; `points.ledger.locks` says where they come in the order of all."""

from uuid import UUID

from points.expiry.models import ExpiryRun
from shared.db import execute, rows


def try_notices_job() -> bool:
    """Take the right to publish notices of expiry until the transaction ends; False where another run has it."""
    return bool(rows("SELECT pg_try_advisory_xact_lock(hashtext('points.notices'))")[0][0])


def try_expiry_job() -> bool:
    """Take the right to expire lots until the transaction ends; False where another run has it."""
    return bool(rows("SELECT pg_try_advisory_xact_lock(hashtext('points.expiry'))")[0][0])


def wait_for_expiry_job() -> None:
    """Take the right to expire lots until the transaction ends, once whoever has it is done with their transaction."""
    execute("SELECT pg_advisory_xact_lock(hashtext('points.expiry'))")


def lock_expiry_run(run_id: UUID) -> ExpiryRun | None:
    """Lock an expiry run and read it: its chunks, and its cancellation, come one after the other; None where there is
    none."""
    return ExpiryRun.objects.select_for_update(no_key=True).filter(id=run_id).first()
