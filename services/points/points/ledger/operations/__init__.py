"""Writes of the ledger: the engine, and what can be asked of it."""

from points.ledger.operations.admission import count_posted, refuse_unknown, within_day
from points.ledger.operations.corrections import reverse_transaction, undo_voucher_claim
from points.ledger.operations.holds import capture_hold, expire_holds, extend_hold, hold_points, void_hold
from points.ledger.operations.merges import merge_members
from points.ledger.operations.pending import activate_on_event, activate_pending, cancel_pending, close_due_pending
from points.ledger.operations.second_person import check_alone
from points.ledger.operations.spending import redeem_points
from points.ledger.operations.totals import publish_day_totals
from points.ledger.operations.transfers import Transfer, transfer_points
from points.ledger.operations.undoing import undo_transactions
from points.ledger.posting import Outcome, post, post_one

__all__ = [
    "Outcome",
    "Transfer",
    "activate_on_event",
    "activate_pending",
    "cancel_pending",
    "capture_hold",
    "check_alone",
    "close_due_pending",
    "count_posted",
    "expire_holds",
    "extend_hold",
    "hold_points",
    "merge_members",
    "post",
    "post_one",
    "publish_day_totals",
    "redeem_points",
    "refuse_unknown",
    "reverse_transaction",
    "transfer_points",
    "undo_transactions",
    "undo_voucher_claim",
    "void_hold",
    "within_day",
]
