"""What the services say to each other: one frozen class per message, and who listens."""

# All of them, for whoever imports one: a process that knew only some would take the others' messages for unreadable.
from shared.contracts import auth, clock, payments, points, totals, vouchers

__all__ = ["auth", "clock", "payments", "points", "totals", "vouchers"]
