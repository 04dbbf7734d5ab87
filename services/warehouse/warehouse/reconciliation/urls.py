"""The paths of reconciliation, below /api/v1/reports/."""

from django.urls import path

from warehouse.reconciliation import api

urlpatterns = [path("reconciliation", api.Reconciliation.as_view())]
