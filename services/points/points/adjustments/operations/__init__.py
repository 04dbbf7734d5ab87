"""Writes of adjustments, and of earnings that a second person may have to approve."""

from points.adjustments.operations.adjustments import (
    adjust_points,
    approve_adjustment,
    ask_for_adjustment,
    reject_adjustment,
)
from points.adjustments.operations.earnings import ask_for_earning

__all__ = ["adjust_points", "approve_adjustment", "ask_for_adjustment", "ask_for_earning", "reject_adjustment"]
