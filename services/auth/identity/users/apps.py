"""The Django application of the module users."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "identity.users"
    label = "users"
