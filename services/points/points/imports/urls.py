"""Paths of the imports module."""

from django.urls import path

from points.imports.api import contents, imports

BASE = "api/v1/points/imports"
ONE = f"{BASE}/<id:import_id>"

urlpatterns = [
    path(BASE, imports.Imports.as_view()),
    path(ONE, imports.OneImport.as_view()),
    path(f"{ONE}/content", contents.Content.as_view()),
    path(f"{ONE}/validate", imports.Validate.as_view()),
    path(f"{ONE}/commit", imports.Commits.as_view()),
    path(f"{ONE}/cancel", imports.Cancel.as_view()),
    path(f"{ONE}/errors", contents.Refusals.as_view()),
]
