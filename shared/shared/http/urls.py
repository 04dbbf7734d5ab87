"""The paths that every service has: health, metrics, Swagger and the schema behind it, its messages, the bench's."""

from django.conf import settings
from django.urls import URLPattern, path

from shared.http.health import healthz, readyz
from shared.http.noop import Noop
from shared.http.swagger import Page, Schema
from shared.messaging.metrics import metrics
from shared.messaging.urls import message_urls


def service_urls() -> list[URLPattern]:
    """Return the common paths, for the service's `urlpatterns`."""
    base = f"api/v1/{settings.SERVICE}"
    bench = [path("api/v1/bench/noop", Noop.as_view())] if settings.SANDBOX else []
    return [
        *bench,
        path("healthz", healthz),
        path("readyz", readyz),
        path(f"{base}/swagger.json", Schema.as_view()),
        path(f"{base}/docs/", Page.as_view()),
        path("metrics", metrics),
        *message_urls(base),
    ]
