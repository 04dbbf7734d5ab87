"""The paths of the sandbox."""

from django.urls import path

from payments.provider.api import SandboxCards

urlpatterns = [path("api/v1/sandbox/cards", SandboxCards.as_view())]
