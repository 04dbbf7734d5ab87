"""The paths of the reports, below /api/v1/reports/."""

from django.urls import path

from warehouse.reports.api.budgets import BudgetBurnDown
from warehouse.reports.api.reports import Freshness, PaymentVolume, PointsFlow, PointsOfRules
from warehouse.reports.api.tiers import TierChanges, TierMembers, TierMovement

urlpatterns = [
    path("payments/volume", PaymentVolume.as_view()),
    path("points/flow", PointsFlow.as_view()),
    path("points/rules", PointsOfRules.as_view()),
    path("tiers/movement", TierMovement.as_view()),
    path("tiers/changes", TierChanges.as_view()),
    path("tiers/members", TierMembers.as_view()),
    path("budgets", BudgetBurnDown.as_view()),
    path("freshness", Freshness.as_view()),
]
