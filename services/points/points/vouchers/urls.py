"""Paths of the vouchers module."""

from django.urls import path

from points.vouchers.api import campaigns, codes, redemptions, validations, vouchers

BASE = "api/v1/vouchers"
CAMPAIGN = f"{BASE}/campaigns/<id:campaign_id>"

urlpatterns = [
    path(f"{BASE}/campaigns", campaigns.Campaigns.as_view()),
    path(CAMPAIGN, campaigns.OneCampaign.as_view()),
    path(f"{CAMPAIGN}/activate", campaigns.Activate.as_view()),
    path(f"{CAMPAIGN}/pause", campaigns.Pause.as_view()),
    path(f"{CAMPAIGN}/end", campaigns.End.as_view()),
    path(f"{CAMPAIGN}/codes", codes.Codes.as_view()),
    path(f"{CAMPAIGN}/codes.csv", codes.CodesCsv.as_view()),
    path(f"{CAMPAIGN}/claims", vouchers.Claims.as_view()),
    path(f"{BASE}/jobs/<id:job_id>", codes.Job.as_view()),
    path(f"{BASE}/jobs/<id:job_id>/cancel", codes.CancelJob.as_view()),
    path(f"{BASE}/validations", validations.Validations.as_view()),
    path(f"{BASE}/redemptions", redemptions.Redemptions.as_view()),
    path(f"{BASE}/redemptions/<id:redemption_id>", redemptions.OneRedemption.as_view()),
    path(f"{BASE}/redemptions/<id:redemption_id>/rollback", redemptions.Rollback.as_view()),
    path(BASE, vouchers.Vouchers.as_view()),
    # Last: a code is any word.
    path(f"{BASE}/<str:code>/cancel", vouchers.Cancellation.as_view()),
    path(f"{BASE}/<str:code>", vouchers.OneVoucher.as_view()),
]
