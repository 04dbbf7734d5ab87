"""The paths of the reports, below /api/v1/reports/."""

from django.urls import path

from warehouse.reports.api.reports import Freshness, PaymentVolume, PointsFlow, PointsOfRules

urlpatterns = [
    path("payments/volume", PaymentVolume.as_view()),
    path("points/flow", PointsFlow.as_view()),
    path("points/rules", PointsOfRules.as_view()),
    path("freshness", Freshness.as_view()),
]
