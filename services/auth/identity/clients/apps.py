"""The Django application of the module clients."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "identity.clients"
    label = "clients"
