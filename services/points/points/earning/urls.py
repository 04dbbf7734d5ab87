"""Paths of the earning module."""

from django.urls import path

from points.earning.api import schemas, simulations, versions

_PROGRAMMES = "api/v1/programmes"
_RULES = f"{_PROGRAMMES}/<id:programme_id>/rules"

urlpatterns = [
    path(f"{_PROGRAMMES}/rule-fields", schemas.RuleFields.as_view()),
    path(f"{_PROGRAMMES}/<id:programme_id>/rule-schema", schemas.RuleSchema.as_view()),
    path(_RULES, versions.RuleVersions.as_view()),
    path(f"{_RULES}/<int:version>", versions.OneRuleVersion.as_view()),
    path(f"{_RULES}/<int:version>/activate", versions.ActivateRules.as_view()),
    path(f"{_RULES}/<int:version>/retire", versions.RetireRules.as_view()),
    path("api/v1/points/simulations", simulations.Simulations.as_view()),
]
