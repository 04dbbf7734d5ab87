"""Paths of the statements module."""

from django.urls import path

from points.statements.api import explanations, forecasts, statements

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/expiry-forecast", forecasts.MemberForecast.as_view()),
    path("api/v1/programmes/<id:programme_id>/expiry-forecast", forecasts.ProgrammeForecast.as_view()),
    path(f"{_POINTS}/statement", statements.MemberStatement.as_view()),
    path(f"{_POINTS}/balance/explanation", explanations.BalanceExplanation.as_view()),
    path(f"{_POINTS}/purchases/<id:purchase_id>/explanation", explanations.PurchaseExplanation.as_view()),
    path(f"{_POINTS}/events/<id:event_id>/explanation", explanations.EventExplanation.as_view()),
    path(f"{_POINTS}/transactions/<id:transaction_id>/explanation", explanations.TransactionExplanation.as_view()),
]
