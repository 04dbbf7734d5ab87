"""The application of the members module."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "payments.members"
    label = "members"
