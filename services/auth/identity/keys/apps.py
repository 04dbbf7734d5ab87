"""The Django application of the module keys."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "identity.keys"
    label = "keys"
