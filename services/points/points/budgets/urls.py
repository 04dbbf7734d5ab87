"""Paths of the budgets module."""

from django.urls import path

from points.budgets.api import budgets

_BUDGETS = "api/v1/programmes/<id:programme_id>/budgets"
_ONE = f"{_BUDGETS}/<str:budget_code>"

urlpatterns = [
    path(_BUDGETS, budgets.Budgets.as_view()),
    path(_ONE, budgets.OneBudget.as_view()),
    path(f"{_ONE}/periods", budgets.BudgetPeriods.as_view()),
]
