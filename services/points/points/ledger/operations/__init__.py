"""Writes of the ledger: the engine, and what can be wished of it."""

from points.ledger.operations.adjustments import (
    adjust_points,
    approve_adjustment,
    ask_for_adjustment,
    refuse_above_limit,
    reject_adjustment,
)
from points.ledger.operations.corrections import reverse_transaction, undo_voucher_claim
from points.ledger.operations.engine import Outcome, post, post_one
from points.ledger.operations.expiry import expire_all, expire_lots
from points.ledger.operations.expiry_runs import (
    cancel_expiry_run,
    expire_chunk,
    expire_periodically,
    start_expiry_run,
)
from points.ledger.operations.holds import capture_hold, expire_holds, extend_hold, hold_points, void_hold
from points.ledger.operations.merges import merge_members
from points.ledger.operations.notices import tell_expiring
from points.ledger.operations.pending import activate_on_event, activate_pending, cancel_pending, close_due_pending
from points.ledger.operations.purchases import earn_purchases, record_purchase
from points.ledger.operations.reinstatements import reinstate_points
from points.ledger.operations.returns import claw_back_refunds, return_purchase
from points.ledger.operations.spending import earn_points, redeem_points
from points.ledger.operations.totals import tell_day_totals
from points.ledger.operations.transfers import Transfer, transfer_points
from points.ledger.operations.unknown_members import refuse_unknown

__all__ = [
    "Outcome",
    "Transfer",
    "activate_on_event",
    "activate_pending",
    "adjust_points",
    "approve_adjustment",
    "ask_for_adjustment",
    "cancel_expiry_run",
    "cancel_pending",
    "capture_hold",
    "claw_back_refunds",
    "close_due_pending",
    "earn_points",
    "earn_purchases",
    "expire_all",
    "expire_chunk",
    "expire_holds",
    "expire_lots",
    "expire_periodically",
    "extend_hold",
    "hold_points",
    "merge_members",
    "post",
    "post_one",
    "record_purchase",
    "redeem_points",
    "refuse_above_limit",
    "refuse_unknown",
    "reinstate_points",
    "reject_adjustment",
    "return_purchase",
    "reverse_transaction",
    "start_expiry_run",
    "tell_day_totals",
    "tell_expiring",
    "transfer_points",
    "undo_voucher_claim",
    "void_hold",
]
