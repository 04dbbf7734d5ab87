"""The application of the wallets module."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "payments.wallets"
    label = "wallets"
