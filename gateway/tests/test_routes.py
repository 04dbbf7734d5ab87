import pytest

from gateway.tests.gateways import problem

ROUTES = {
    "/api/v1/auth/me": "auth",
    "/api/v1/auth/oauth/token": "auth",
    "/.well-known/jwks.json": "auth",
    "/api/v1/points/balance": "points",
    "/api/v1/points/batches": "points",
    "/api/v1/points/imports/019a0000-0000-7000-8000-0000000000f1/content": "points",
    "/api/v1/programmes": "points",
    "/api/v1/programmes/x": "points",
    "/api/v1/vouchers": "points",
    "/api/v1/bench/noop": "points",
    "/api/v1/points/docs/": "points",
    "/api/v1/points/static/drf-yasg/style.css": "points",
    "/api/v1/payments/intents": "payments",
    "/api/v1/wallets": "payments",
    "/api/v1/merchants/x/y?a=b%20c&d=../e//f": "payments",
    "/api/v1/sandbox/cards": "payments",
    "/api/v1/reports/freshness?from=2026-01-01": "warehouse",
    "/api/v1/warehouse/swagger.json": "warehouse",
}
NOT_ROUTED = [
    "/healthz/x", "/readyz", "/metrics", "/internal", "/internal/x", "/admin/", "/health/", "/health/other",
    "/api/v1/", "/api/v1/unknown", "/api/v1/pointsx", "/api/v1/walletsx", "/api/v2/points/balance",
    "/flower/", "/flower/other/", "/flower/points/metrics", "/flower/points/healthcheck", "/flower/points/%6detrics",
    "/docs/no-such-page", "/docs/swagger-ui/other.js", "/problem", "/portal/index.html", "/templates/",
]  # fmt: skip
AMBIGUOUS = [
    "/api/v1/points/../payments/intents", "/api/v1/points/./balance", "/api/v1/points/..", "/../etc/passwd",
    "/api/v1/points/%2e%2e/%2E%2E/metrics", "/api/v1/points/x%2fy", "/api/v1/points/..%5c..", "/api/v1//points/balance",
    "//metrics", "/flower/points//metrics", "/flower/auth/../points/", "/api/v1/points/a\\b",
]  # fmt: skip


@pytest.mark.parametrize(("path", "service"), ROUTES.items())
def test_each_path_reaches_its_service_unchanged(gateway, path, service):
    seen = gateway.get(path).json()

    assert (seen["service"], seen["path"]) == (service, path)


@pytest.mark.parametrize("path", NOT_ROUTED)
def test_what_is_not_routed_is_not_found(gateway, path):
    assert problem(gateway.get(path)) == (404, "gateway.not_found")


@pytest.mark.parametrize("path", AMBIGUOUS)
def test_a_path_that_can_be_read_in_two_ways_is_refused(gateway, path):
    status, _, body = gateway.raw(f"GET {path} HTTP/1.1", "Host: localhost")

    assert status == 400
    assert '"code":"gateway.bad_request"' in body


@pytest.mark.parametrize("service", ["auth", "points", "payments", "warehouse"])
def test_a_service_is_asked_for_its_readiness(gateway, service):
    seen = gateway.get(f"/health/{service}?verbose=1").json()

    assert (seen["service"], seen["path"]) == (service, "/readyz")


def test_the_gateway_is_healthy_by_itself(bad_day):
    assert bad_day.get("/healthz").json() == {"status": "ok", "service": "gateway"}


def test_a_service_that_is_away_takes_no_other_with_it(bad_day):
    assert bad_day.get("/api/v1/wallets").json()["service"] == "payments"
