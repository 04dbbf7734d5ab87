"""Settings of the payments service: only what differs from shared/settings.py."""

from shared.env import env_int
from shared.settings import *

MODULES = ["members", "merchants", "ledger", "wallets", "provider", "intents", "books", "sandbox"]
globals().update(service_settings("payments", "payments", MODULES))

# How long the answer to a card charge or refund may be awaited before the card network is asked what became of it.
RESOLVE_AFTER_SECONDS = env_int("PAYMENTS_RESOLVE_AFTER_SECONDS", 10)

SCHEDULE = {
    "resolve-topups": {"task": "wallets.resolve_topups", "schedule": 5.0},
    "resolve-attempts": {"task": "intents.resolve_attempts", "schedule": 5.0},
    "resolve-refunds": {"task": "intents.resolve_refunds", "schedule": 5.0},
    "cancel-unpaid-intents": {"task": "intents.cancel_unpaid", "schedule": 600.0},
    "publish-day-totals": {"task": "books.publish_day_totals", "schedule": 30.0},
}
