"""The paths of the sandbox, which are there in no other installation."""

from django.conf import settings
from django.urls import URLPattern, path

from payments.provider.api.cards import SandboxCards

urlpatterns: list[URLPattern] = [path("api/v1/sandbox/cards", SandboxCards.as_view())] if settings.SANDBOX else []
