"""Paths of the ledger module."""

from django.urls import path

from points.ledger.api import (
    adjustments,
    batches,
    expiry_runs,
    holds,
    merges,
    pending,
    postings,
    purchases,
    reads,
    reinstatements,
)

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/balance", reads.Balance.as_view()),
    path(f"{_POINTS}/members/<id:member_id>/balance", reads.MemberBalance.as_view()),
    path(f"{_POINTS}/earnings", postings.Earnings.as_view()),
    path(f"{_POINTS}/redemptions", postings.Redemptions.as_view()),
    path(f"{_POINTS}/transfers", postings.Transfers.as_view()),
    path(f"{_POINTS}/adjustments", adjustments.Adjustments.as_view()),
    path(f"{_POINTS}/adjustments/<id:request_id>", adjustments.OneAdjustment.as_view()),
    path(f"{_POINTS}/adjustments/<id:request_id>/approve", adjustments.Approvals.as_view()),
    path(f"{_POINTS}/adjustments/<id:request_id>/reject", adjustments.Rejections.as_view()),
    path(f"{_POINTS}/expiry-runs", expiry_runs.ExpiryRuns.as_view()),
    path(f"{_POINTS}/expiry-runs/<id:run_id>", expiry_runs.OneExpiryRun.as_view()),
    path(f"{_POINTS}/expiry-runs/<id:run_id>/cancel", expiry_runs.CancelExpiryRun.as_view()),
    path(f"{_POINTS}/reinstatements", reinstatements.Reinstatements.as_view()),
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
    path(f"{_POINTS}/purchases", purchases.Purchases.as_view()),
    path(f"{_POINTS}/purchases/<id:purchase_id>", purchases.OnePurchase.as_view()),
    path(f"{_POINTS}/purchases/<id:purchase_id>/returns", purchases.Returns.as_view()),
    path(f"{_POINTS}/transactions", reads.Transactions.as_view()),
    path(f"{_POINTS}/transactions/<id:transaction_id>", reads.OneTransaction.as_view()),
    path(f"{_POINTS}/transactions/<id:transaction_id>/reversal", postings.Reversals.as_view()),
    path(f"{_POINTS}/lots", reads.Lots.as_view()),
    path(f"{_POINTS}/batches", batches.Batches.as_view()),
]
