"""Paths of the tiers module."""

from django.urls import path

from points.tiers.api import members, tiers

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/tier", members.Tier.as_view()),
    path(f"{_POINTS}/tier/changes", members.TierChanges.as_view()),
    path("api/v1/programmes/<id:programme_id>/tiers", tiers.Tiers.as_view()),
]
