"""The path of the test clock, which is there in a sandbox only."""

from django.conf import settings
from django.urls import URLPattern, path

from payments.sandbox.api.clock import Clock

urlpatterns: list[URLPattern] = [path("api/v1/sandbox/clock", Clock.as_view())] if settings.SANDBOX else []
