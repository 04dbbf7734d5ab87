"""Writes of purchases."""

from points.purchases.operations.payments import earn_purchases
from points.purchases.operations.recorded import Outcome, record_purchase, record_purchases
from points.purchases.operations.returns import claw_back_refunds, return_purchase
from points.purchases.operations.stages import Teller

__all__ = [
    "Outcome",
    "Teller",
    "claw_back_refunds",
    "earn_purchases",
    "record_purchase",
    "record_purchases",
    "return_purchase",
]
