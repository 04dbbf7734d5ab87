"""Paths of the ledger module."""

from django.urls import path

from points.ledger.api import balances, batches, holds, lots, merges, pending, redemptions, transactions, transfers

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/balance", balances.Balance.as_view()),
    path(f"{_POINTS}/members/<id:member_id>/balance", balances.MemberBalance.as_view()),
    path(f"{_POINTS}/redemptions", redemptions.Redemptions.as_view()),
    path(f"{_POINTS}/transfers", transfers.Transfers.as_view()),
    path(f"{_POINTS}/merges", merges.Merges.as_view()),
    path(f"{_POINTS}/merges/<id:merge_id>", merges.OneMerge.as_view()),
    path(f"{_POINTS}/pending", pending.PendingList.as_view()),
    path(f"{_POINTS}/pending/activations", pending.Activations.as_view()),
    path(f"{_POINTS}/pending/<id:pending_id>", pending.OnePending.as_view()),
    path(f"{_POINTS}/pending/<id:pending_id>/activate", pending.ManualActivations.as_view()),
    path(f"{_POINTS}/pending/<id:pending_id>/cancel", pending.Cancellations.as_view()),
    path(f"{_POINTS}/holds", holds.Holds.as_view()),
    path(f"{_POINTS}/holds/<id:hold_id>", holds.OneHold.as_view()),
    path(f"{_POINTS}/holds/<id:hold_id>/capture", holds.Captures.as_view()),
    path(f"{_POINTS}/holds/<id:hold_id>/void", holds.Voids.as_view()),
    path(f"{_POINTS}/holds/<id:hold_id>/extend", holds.Extensions.as_view()),
    path(f"{_POINTS}/transactions", transactions.Transactions.as_view()),
    path(f"{_POINTS}/transactions/<id:transaction_id>", transactions.OneTransaction.as_view()),
    path(f"{_POINTS}/transactions/<id:transaction_id>/reversal", transactions.Reversals.as_view()),
    path(f"{_POINTS}/lots", lots.Lots.as_view()),
    path(f"{_POINTS}/batches", batches.Batches.as_view()),
]
