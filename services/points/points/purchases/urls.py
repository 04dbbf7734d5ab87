"""Paths of purchases."""

from django.urls import path

from points.purchases.api import batches, purchases, returns

_PURCHASES = "api/v1/points/purchases"

urlpatterns = [
    path(_PURCHASES, purchases.Purchases.as_view()),
    path(f"{_PURCHASES}/batches", batches.PurchaseBatches.as_view()),
    path(f"{_PURCHASES}/<id:purchase_id>", purchases.OnePurchase.as_view()),
    path(f"{_PURCHASES}/<id:purchase_id>/returns", returns.Returns.as_view()),
]
