"""The Django app of occasions."""

from django.apps import AppConfig


class OccasionsConfig(AppConfig):
    """Named by its folder, labelled by its module."""

    name = "points.occasions"
    label = "occasions"
