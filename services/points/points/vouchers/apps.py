"""The Django app of vouchers."""

from django.apps import AppConfig


class VouchersConfig(AppConfig):
    """Named by its folder, labelled by its module."""

    name = "points.vouchers"
    label = "vouchers"
