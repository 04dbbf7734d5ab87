"""Paths of backtests."""

from django.urls import path

from points.backtests.api import backtests

_BACKTESTS = "api/v1/programmes/<id:programme_id>/rules/<int:version>/backtests"

urlpatterns = [
    path(_BACKTESTS, backtests.Backtests.as_view()),
    path(f"{_BACKTESTS}/<id:backtest_id>", backtests.OneBacktest.as_view()),
    path(f"{_BACKTESTS}/<id:backtest_id>/cancel", backtests.CancelBacktest.as_view()),
]
