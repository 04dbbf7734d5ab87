"""The Django app of earning."""

from django.apps import AppConfig


class EarningConfig(AppConfig):
    """Named by its folder, labelled by its module."""

    name = "points.earning"
    label = "earning"
