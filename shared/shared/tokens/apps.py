"""The application that keeps what is needed to check tokens while auth is away."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "shared.tokens"
    label = "tokens"
