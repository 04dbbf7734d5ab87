"""The paths of the reports, below /api/v1/reports/."""

from django.urls import path

from warehouse.reports import api

urlpatterns = [
    path("payments/volume", api.PaymentVolume.as_view()),
    path("points/flow", api.PointsFlow.as_view()),
    path("freshness", api.Freshness.as_view()),
]
