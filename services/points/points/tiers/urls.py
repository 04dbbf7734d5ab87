"""Paths of the tiers module."""

from django.urls import path

from points.tiers.api import imports, members, overrides, tiers

_POINTS = "api/v1/points"
_TIERS = "api/v1/programmes/<id:programme_id>/tiers"

urlpatterns = [
    path(f"{_POINTS}/tier", members.Tier.as_view()),
    path(f"{_POINTS}/tier/changes", members.TierChanges.as_view()),
    path(_TIERS, tiers.Tiers.as_view()),
    path(f"{_TIERS}/imports", imports.TierImports.as_view()),
    path(f"{_TIERS}/overrides", overrides.TierOverrides.as_view()),
    path(f"{_TIERS}/overrides/<id:override_id>/end", overrides.EndTierOverride.as_view()),
]
