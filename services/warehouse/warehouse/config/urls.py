"""The paths of the warehouse service."""

from django.urls import URLPattern, URLResolver, include, path

from shared.http.urls import service_urls

handler400 = "shared.http.problems.bad_request"
handler404 = "shared.http.problems.not_found"
handler500 = "shared.http.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/reports/", include("warehouse.reports.urls")),
    path("api/v1/reports/", include("warehouse.reconciliation.urls")),
    *service_urls(),
]
