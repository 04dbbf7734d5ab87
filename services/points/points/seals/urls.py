"""Paths of the seals module."""

from django.urls import path

from points.seals import api

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/transactions/<id:transaction_id>/proof", api.Proof.as_view()),
    path(f"{_POINTS}/blocks", api.Blocks.as_view()),
    path(f"{_POINTS}/jwks.json", api.SealKeys.as_view()),
]
