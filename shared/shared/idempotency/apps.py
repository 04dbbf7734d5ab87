"""The application that remembers what was answered to which idempotency key."""

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "shared.idempotency"
    label = "idempotency"
