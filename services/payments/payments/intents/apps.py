"""The application of the intents module."""

from django.apps import AppConfig


class IntentsConfig(AppConfig):
    name = "payments.intents"
    label = "intents"
