"""The Django app of budgets."""

from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    """Named by its folder, labelled by its module."""

    name = "points.budgets"
    label = "budgets"
