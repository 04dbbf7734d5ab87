"""Settings of the warehouse service: only what differs from shared/settings.py."""

from shared.settings import *

MODULES: list[str] = ["intake", "facts", "reports", "reconciliation"]
globals().update(service_settings("warehouse", "warehouse", MODULES))

SCHEDULE = {
    "partitions": {"task": "intake.make_partitions", "schedule": 6 * 3600.0},
    "reconcile": {"task": "reconciliation.reconcile_open_days", "schedule": 15.0},
    "reconcile-again": {"task": "reconciliation.reconcile_recent_days", "schedule": 3600.0},
    "reconcile-all": {"task": "reconciliation.reconcile_all_days", "schedule": 24 * 3600.0},
}
