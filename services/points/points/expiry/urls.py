"""Paths of expiry runs and reinstatements."""

from django.urls import path

from points.expiry.api import expiry_runs, reinstatements

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/expiry-runs", expiry_runs.ExpiryRuns.as_view()),
    path(f"{_POINTS}/expiry-runs/<id:run_id>", expiry_runs.OneExpiryRun.as_view()),
    path(f"{_POINTS}/expiry-runs/<id:run_id>/cancel", expiry_runs.CancelExpiryRun.as_view()),
    path(f"{_POINTS}/reinstatements", reinstatements.Reinstatements.as_view()),
]
