"""The paths of the points service."""

from django.urls import URLPattern, URLResolver

from points.adjustments.urls import urlpatterns as adjustments
from points.backtests.urls import urlpatterns as backtests
from points.budgets.urls import urlpatterns as budgets
from points.earning.urls import urlpatterns as earning
from points.events.urls import urlpatterns as events
from points.expiry.urls import urlpatterns as expiry
from points.imports.urls import urlpatterns as imports
from points.ledger.urls import urlpatterns as ledger
from points.programmes.urls import urlpatterns as programmes
from points.purchases.urls import urlpatterns as purchases
from points.seals.urls import urlpatterns as seals
from points.segments.urls import urlpatterns as segments
from points.statements.urls import urlpatterns as statements
from points.tiers.urls import urlpatterns as tiers
from points.vouchers.urls import urlpatterns as vouchers
from shared.http.urls import service_urls

handler400 = "shared.http.problems.bad_request"
handler404 = "shared.http.problems.not_found"
handler500 = "shared.http.problems.internal_error"

urlpatterns: list[URLPattern | URLResolver] = [
    # Looked through in this order: the most requested first.
    *adjustments,
    *ledger,
    *purchases,
    *events,
    *expiry,
    *service_urls(),
    *programmes,
    *earning,
    *budgets,
    *backtests,
    *segments,
    *tiers,
    *statements,
    *seals,
    *vouchers,
    *imports,
]
