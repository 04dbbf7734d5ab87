"""The paths of the points service."""

from django.urls import URLPattern, URLResolver

from points.imports.urls import urlpatterns as imports
from points.ledger.urls import urlpatterns as ledger
from points.programmes.urls import urlpatterns as programmes
from points.seals.urls import urlpatterns as seals
from points.statements.urls import urlpatterns as statements
from points.vouchers.urls import urlpatterns as vouchers
from shared.http.urls import service_urls

handler400 = "shared.http.problems.bad_request"
handler404 = "shared.http.problems.not_found"
handler500 = "shared.http.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    # Looked through in this order: those first that are asked for most.
    *ledger,
    *service_urls(),
    *programmes,
    *statements,
    *seals,
    *vouchers,
    *imports,
]
