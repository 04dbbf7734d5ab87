"""The Django application of the module sessions."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "identity.sessions"
    label = "sessions"
