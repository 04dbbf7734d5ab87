"""Locks of adjustments; `points.ledger.locks` says where they come in the order of all."""

from uuid import UUID

from shared.db import execute


def lock_adjustment(request_id: UUID) -> None:
    """Lock an adjustment that waits for a second person, whether it is there or not, before its account."""
    # No lock of its row: that takes the right to change it, which nobody has on what is append-only.
    execute("SELECT pg_advisory_xact_lock(hashtext('points.adjustments'), hashtext(%s))", [str(request_id)])
