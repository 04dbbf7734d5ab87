"""How many wrong codes may be named, and for how long they count."""

from datetime import datetime, timedelta
from math import ceil

# So many wrong codes of one account in so long a time, then it has to wait; of those, so few for one customer (ADR 39).
FAILED_ATTEMPTS = 20
FAILED_ATTEMPTS_FOR_CUSTOMER = 5
ATTEMPTS_COUNT_FOR = timedelta(minutes=10)


def attempts_allowed(*, customers_served: int) -> int:
    """Return how many wrong codes an account may name in ten minutes: each customer it served brings one more."""
    return FAILED_ATTEMPTS + customers_served


def seconds_to_wait(oldest: datetime, *, at: datetime) -> int:
    """Return after how many whole seconds the oldest failed attempt that counts no longer does."""
    return max(1, ceil((oldest + ATTEMPTS_COUNT_FOR - at).total_seconds()))
