"""The paths of reconciliation, below /api/v1/reports/."""

from django.urls import path

from warehouse.reconciliation.api.reconciliation import Reconciliation

urlpatterns = [path("reconciliation", Reconciliation.as_view())]
