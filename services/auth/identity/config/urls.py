"""The paths of the auth service."""

from django.urls import URLPattern, URLResolver, include, path

from shared.http.urls import service_urls

handler400 = "shared.http.problems.bad_request"
handler404 = "shared.http.problems.not_found"
handler500 = "shared.http.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    *service_urls(),
    *(path("api/v1/auth/", include(f"identity.{module}.urls")) for module in ("users", "sessions", "clients")),
    path(".well-known/", include("identity.keys.urls")),
]
