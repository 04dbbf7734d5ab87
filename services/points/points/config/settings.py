"""Settings of the points service: only what differs from shared/settings.py."""

from shared.settings import *

MODULES: list[str] = [
    "members",
    "programmes",
    "earning",
    "budgets",
    "segments",
    "tiers",
    "ledger",
    "adjustments",
    "purchases",
    "events",
    "backtests",
    "expiry",
    "seals",
    "vouchers",
    "imports",
]
globals().update(service_settings("points", "points", MODULES))

SCHEDULE = {
    # Points end at midnight in each programme's own zone, so the nightly job runs all day; idle, it costs nothing.
    "expire-points": {"task": "ledger.expire_points", "schedule": 600.0},
    # Days begin at another time in each programme's zone; idle, it asks how far it told and no more.
    "publish-expiring-points": {"task": "ledger.publish_expiring", "schedule": 600.0},
    # Days begin at another time in each programme's zone; idle, it asks how far it is and no more.
    "give-birthdays": {"task": "events.give_birthdays", "schedule": 600.0},
    # Periods end at midnight in each zone; idle, it asks for the first one that is over and no more.
    "judge-tiers": {"task": "tiers.judge_periods", "schedule": 600.0},
    "tell-tiers-expiring": {"task": "tiers.tell_expiring", "schedule": 600.0},
    "expire-holds": {"task": "ledger.expire_holds", "schedule": 30.0},
    "close-due-pending": {"task": "ledger.close_due_pending", "schedule": 30.0},
    "publish-day-totals": {"task": "ledger.publish_day_totals", "schedule": 30.0},
    "count-lot-ends": {"task": "ledger.count_lot_ends", "schedule": 30.0},
    "seal-blocks": {"task": "seals.seal", "schedule": 2.0},
    "purge-segments": {"task": "segments.purge", "schedule": 3600.0},
    "purge-imports": {"task": "imports.purge", "schedule": 3600.0},
    "purge-failed-attempts": {"task": "vouchers.purge_failed_attempts", "schedule": 3600.0},
}
