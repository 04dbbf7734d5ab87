"""The paths of the payments service."""

from django.urls import URLPattern, URLResolver, include, path

from shared.http.urls import service_urls

handler400 = "shared.http.problems.bad_request"
handler404 = "shared.http.problems.not_found"
handler500 = "shared.http.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    *service_urls(),
    path("", include("payments.merchants.urls")),
    path("", include("payments.wallets.urls")),
    path("", include("payments.provider.urls")),
    path("", include("payments.intents.urls")),
    path("", include("payments.sandbox.urls")),
]
