"""Paths of the seals module."""

from django.urls import path

from points.seals.api.blocks import Blocks
from points.seals.api.keys import SealKeys
from points.seals.api.proofs import Proof

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/transactions/<id:transaction_id>/proof", Proof.as_view()),
    path(f"{_POINTS}/blocks", Blocks.as_view()),
    path(f"{_POINTS}/jwks.json", SealKeys.as_view()),
]
