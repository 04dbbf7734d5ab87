"""The paths that every service has: health, metrics, Swagger and the schema behind it, its messages, the bench's."""

from django.conf import settings
from django.urls import URLPattern, path

from shared.http.health import healthz, readyz
from shared.http.noop import Noop
from shared.http.swagger import schema_view
from shared.messaging.api import message_urls
from shared.messaging.metrics import metrics


def service_urls() -> list[URLPattern]:
    """Return the common paths, for the service's `urlpatterns`."""
    schema = schema_view()
    base = f"api/v1/{settings.SERVICE}"
    bench = [path("api/v1/bench/noop", Noop.as_view())] if settings.SANDBOX else []
    return [
        *bench,
        path("healthz", healthz),
        path("readyz", readyz),
        path(f"{base}/swagger.json", schema.without_ui(cache_timeout=0), {"format": "json"}),
        path(f"{base}/docs/", schema.with_ui("swagger", cache_timeout=0)),
        path("metrics", metrics),
        *message_urls(base),
    ]
