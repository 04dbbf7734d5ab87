"""The application of the merchants module."""

from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    name = "payments.merchants"
    label = "merchants"
