"""The Django app of segments."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Named by its folder, labelled by its module."""

    name = "points.segments"
    label = "segments"
