"""Writes of expiry."""

from points.expiry.operations.expiry_runs import EXPIRY_RUNS, expire_periodically, start_expiry_run
from points.expiry.operations.lots import expire_all, expire_lots
from points.expiry.operations.notices import publish_expiring
from points.expiry.operations.reinstatements import reinstate_points

__all__ = [
    "EXPIRY_RUNS",
    "expire_all",
    "expire_lots",
    "expire_periodically",
    "publish_expiring",
    "reinstate_points",
    "start_expiry_run",
]
